#ifndef KTSTR_CLOCK_H
#define KTSTR_CLOCK_H

#include <stdint.h>
#include <time.h>

#define NS_PER_S 1000000000ULL
#define NS_PER_MS 1000000ULL

static inline uint64_t now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * NS_PER_S + (uint64_t)now.tv_nsec;
}

/* Milliseconds until a deadline, for poll(2): rounded up, so that a poll that timed out is past the deadline. */
static inline int ms_until(uint64_t deadline_ns)
{
	uint64_t now = now_ns();

	return deadline_ns <= now ? 0 : (int)((deadline_ns - now + NS_PER_MS - 1) / NS_PER_MS);
}

#endif
