/*
 * In virtual time QEMU's main loop and its vcpu thread are one machine in two threads: whichever of them runs a timer,
 * or moves the clock on while every vcpu sleeps, decides which vcpu is next. QEMU leaves that to the host's scheduler:
 * the vcpu thread wakes the main loop at each timer, and when the main loop gets a CPU is chance. Here they take turns
 * instead, at points that the guest's instructions decide.
 *
 * - While the vcpu thread runs, the main loop stays in ppoll().
 * - When the vcpu thread has woken the main loop, the main loop has its turn the next time that the vcpu thread asks
 * for QEMU's big lock.
 * - While the vcpu thread waits for an interrupt, the main loop is free.
 * - What another thread or another process asks of the main loop (QMP, a signal) it does at once. That may change the
 * run.
 */
#ifndef KTSTR_TURNS_H
#define KTSTR_TURNS_H

#include <poll.h>
#include <pthread.h>
#include <stdbool.h>

/* Descriptors from here on are taken as no eventfd. */
#define TURNS_FD_LIMIT 1024

/* Of the process, before any of its threads. */
void turns_init(void);

/* By the main loop: it takes `lock`, or gives it back. */
void turns_main_locks(const pthread_mutex_t *lock, bool locks);
/* By the main loop: it has given the big lock back. Where it waits with the lock, the vcpu thread cannot run. */
bool turns_main_is_unlocked(void);
/* By the main loop: it is about to wait for `fds`, or to look at them, when it knows of work that is left. */
void turns_main_waits_for(const struct pollfd *fds, nfds_t count, bool has_work);
/* By the main loop: what it does from here on is not part of its turn. */
void turns_main_rests(void);
/* By the main loop, after a wait: true when it may go on. */
bool turns_main_may_go(const struct pollfd *fds, nfds_t count);
/* Readable when the main loop has to ask again whether it may go on. */
int turns_wake_fd(void);

/* By the vcpu thread: it sleeps until somebody signals `reason`, and holds `big_lock` as yet. */
void turns_vcpu_sleeps(const pthread_cond_t *reason, const pthread_mutex_t *big_lock);
/* By any thread: it signals `reason`. */
void turns_signals(const pthread_cond_t *reason);
/* By the vcpu thread, which is about to take `lock`: lets the main loop have its turn when that is the big lock and
 * there is something to do. */
void turns_vcpu_locks(const pthread_mutex_t *lock);

void turns_eventfd_made(int fd);
/* Before a descriptor of any kind is closed. */
void turns_closes(int fd);
bool turns_is_eventfd(int fd);
enum turns_writer { TURNS_MAIN, TURNS_VCPU, TURNS_OTHER };
/* By the writer, which has written to `fd`. */
void turns_written(int fd, enum turns_writer writer);

#endif
