#ifndef KTSTR_THREAD_H
#define KTSTR_THREAD_H

#include <pthread.h>

/*
 * Starts a thread of a library, with a small stack, a name of up to 15 bytes, and all signals blocked. Returns 0 or a
 * positive errno.
 */
int thread_start(pthread_t *thread, pthread_attr_t *attributes, const char *name, void *(*run)(void *), void *argument);

/* A condition whose waits end at moments of CLOCK_MONOTONIC. Returns 0 or a positive errno. */
int condition_init(pthread_cond_t *condition);

#endif
