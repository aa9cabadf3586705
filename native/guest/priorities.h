/* SCHED_FIFO priorities of the harness inside the guest: above every task of a test. */
#ifndef KTSTR_PRIORITIES_H
#define KTSTR_PRIORITIES_H

/* Forks the workers; must not hold up the program that commands it. */
#define KIT_PRIORITY 40
/* Node's main thread. */
#define PROGRAM_PRIORITY 50
/* Node's other threads, once its main thread is lost in a loop: the inspector is one of them. */
#define RESCUED_THREAD_PRIORITY 55
/* Asleep until the main thread is overdue, and then in front of it. */
#define SPOTTER_PRIORITY 60

#endif
