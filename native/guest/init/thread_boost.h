#ifndef KTSTR_THREAD_BOOST_H
#define KTSTR_THREAD_BOOST_H

#include <sys/types.h>

/* Puts every thread of a process but its main one above the main one. Without the right to do so it does nothing. */
void boost_threads(pid_t pid);

#endif
