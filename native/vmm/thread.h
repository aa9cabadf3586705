#ifndef VMM_THREAD_H
#define VMM_THREAD_H

#include <pthread.h>

/* Starts a thread of the library, with a small stack and a name of up to 15 bytes. Returns 0 or a positive errno. */
int thread_start(pthread_t *thread, pthread_attr_t *attributes, const char *name, void *(*run)(void *), void *argument);

#endif
