/*
 * The functions of libc through which QEMU's threads wait for each other, in front of libc's own: the library is
 * preloaded into QEMU. Needs thread names (-name debug-threads=on): without a vcpu thread of that name all is as
 * without the library.
 */
#include "turns.h"

#include <dlfcn.h>
#include <signal.h>
#include <string.h>
#include <sys/eventfd.h>
#include <time.h>
#include <unistd.h>

#define EXPORT __attribute__((visibility("default")))
/* Of the one thread that runs all vcpus in turn. */
#define VCPU_THREAD "ALL CPUs/TCG"
#define NAME_BYTES 16

static struct {
	int (*ppoll)(struct pollfd *, nfds_t, const struct timespec *, const sigset_t *);
	int (*cond_wait)(pthread_cond_t *, pthread_mutex_t *);
	int (*cond_signal)(pthread_cond_t *);
	int (*cond_broadcast)(pthread_cond_t *);
	int (*mutex_lock)(pthread_mutex_t *);
	int (*mutex_unlock)(pthread_mutex_t *);
	ssize_t (*write)(int, const void *, size_t);
	int (*eventfd)(unsigned int, int);
	int (*close)(int);
} next;

enum role { UNKNOWN, MAIN, VCPU, OTHER };
/* A thread is looked at when it first waits for something; it has its name by then. */
static __thread enum role role __attribute__((tls_model("initial-exec")));

static void *find(const char *name)
{
	return dlsym(RTLD_NEXT, name);
}

/* Libraries that start before this one call it first. There is one thread then. */
__attribute__((constructor)) static void begin(void)
{
	if (next.ppoll)
		return;
	next.cond_wait = find("pthread_cond_wait");
	next.cond_signal = find("pthread_cond_signal");
	next.cond_broadcast = find("pthread_cond_broadcast");
	next.mutex_lock = find("pthread_mutex_lock");
	next.mutex_unlock = find("pthread_mutex_unlock");
	next.write = find("write");
	next.eventfd = find("eventfd");
	next.close = find("close");
	next.ppoll = find("ppoll");
	role = MAIN;
	turns_init();
}

static enum role role_of_waiter(void)
{
	char name[NAME_BYTES] = "";

	if (role != UNKNOWN)
		return role;
	pthread_getname_np(pthread_self(), name, sizeof(name));
	role = strcmp(name, VCPU_THREAD) == 0 ? VCPU : OTHER;
	return role;
}

/* Until it may be the main loop's turn, or something comes from outside. */
static void wait_for_turn(const struct pollfd *fds, nfds_t count, const sigset_t *signals)
{
	static struct pollfd outside[TURNS_FD_LIMIT + 1];
	nfds_t kept = 0;

	for (nfds_t i = 0; i < count && kept < TURNS_FD_LIMIT; i++) {
		if (!turns_is_eventfd(fds[i].fd))
			outside[kept++] = fds[i];
	}
	outside[kept++] = (struct pollfd){ .fd = turns_wake_fd(), .events = POLLIN };
	next.ppoll(outside, kept, NULL, signals);
}

EXPORT int ppoll(struct pollfd *fds, nfds_t count, const struct timespec *timeout, const sigset_t *signals)
{
	static const struct timespec at_once;
	int ready;

	begin();
	if (role != MAIN || !turns_main_is_unlocked())
		return next.ppoll(fds, count, timeout, signals);
	turns_main_waits_for(fds, count, timeout && !timeout->tv_sec && !timeout->tv_nsec);
	ready = next.ppoll(fds, count, timeout, signals);
	while (ready >= 0 && !turns_main_may_go(fds, count)) {
		wait_for_turn(fds, count, signals);
		ready = next.ppoll(fds, count, &at_once, signals);
	}
	return ready;
}

EXPORT int pthread_cond_wait(pthread_cond_t *condition, pthread_mutex_t *mutex)
{
	begin();
	switch (role_of_waiter()) {
	case MAIN:
		turns_main_rests();
		break;
	case VCPU:
		turns_vcpu_sleeps(condition, mutex);
		break;
	default:
		break;
	}
	return next.cond_wait(condition, mutex);
}

EXPORT int pthread_cond_signal(pthread_cond_t *condition)
{
	begin();
	turns_signals(condition);
	return next.cond_signal(condition);
}

EXPORT int pthread_cond_broadcast(pthread_cond_t *condition)
{
	begin();
	turns_signals(condition);
	return next.cond_broadcast(condition);
}

EXPORT int pthread_mutex_lock(pthread_mutex_t *mutex)
{
	begin();
	if (role == VCPU)
		turns_vcpu_locks(mutex);
	else if (role == MAIN)
		turns_main_locks(mutex, true);
	return next.mutex_lock(mutex);
}

EXPORT int pthread_mutex_unlock(pthread_mutex_t *mutex)
{
	begin();
	if (role == MAIN)
		turns_main_locks(mutex, false);
	return next.mutex_unlock(mutex);
}

EXPORT ssize_t write(int fd, const void *bytes, size_t count)
{
	ssize_t written;

	begin();
	written = next.write(fd, bytes, count);
	turns_written(fd, role == MAIN ? TURNS_MAIN : role == VCPU ? TURNS_VCPU : TURNS_OTHER);
	return written;
}

EXPORT int eventfd(unsigned int value, int flags)
{
	int fd;

	begin();
	fd = next.eventfd(value, flags);
	turns_eventfd_made(fd);
	return fd;
}

/* The next descriptor of that number may be of another kind. */
EXPORT int close(int fd)
{
	begin();
	turns_closes(fd);
	return next.close(fd);
}
