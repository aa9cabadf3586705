/*
 * Preloaded into QEMU: its main loop wakes up all the time, for nothing, and its vcpu thread dawdles before it takes a
 * lock. What comes of a run in virtual time must not depend on that. Loaded after the library of turns, which is in
 * front of it.
 */
#include <dlfcn.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define EXPORT __attribute__((visibility("default")))
#define VCPU_THREAD "ALL CPUs/TCG"
#define NAME_BYTES 16
#define PAUSE_EVERY_NS 2000000

static const struct timespec soon = { .tv_nsec = 100000 };

EXPORT int ppoll(struct pollfd *fds, nfds_t count, const struct timespec *timeout, const sigset_t *signals)
{
	static int (*next)(struct pollfd *, nfds_t, const struct timespec *, const sigset_t *);

	if (!next)
		next = dlsym(RTLD_NEXT, "ppoll");
	if (getpid() == gettid() && (!timeout || timeout->tv_sec || timeout->tv_nsec > soon.tv_nsec))
		timeout = &soon;
	return next(fds, count, timeout, signals);
}

static bool is_vcpu_thread(void)
{
	static __thread enum { UNKNOWN, YES, NO } answer;
	char name[NAME_BYTES] = "";

	if (answer == UNKNOWN && getpid() == gettid())
		answer = NO;
	if (answer == UNKNOWN && pthread_getname_np(pthread_self(), name, sizeof(name)) == 0 && *name)
		answer = strcmp(name, VCPU_THREAD) == 0 ? YES : NO;
	return answer == YES;
}

static bool is_time_for_pause(void)
{
	static __thread long long last;
	struct timespec now;
	long long now_ns;

	clock_gettime(CLOCK_MONOTONIC, &now);
	now_ns = now.tv_sec * 1000000000LL + now.tv_nsec;
	if (now_ns - last < PAUSE_EVERY_NS)
		return false;
	last = now_ns;
	return true;
}

EXPORT int pthread_mutex_lock(pthread_mutex_t *mutex)
{
	static int (*next)(pthread_mutex_t *);

	if (!next)
		next = dlsym(RTLD_NEXT, "pthread_mutex_lock");
	if (is_vcpu_thread() && is_time_for_pause())
		nanosleep(&soon, NULL);
	return next(mutex);
}
