/*
 * Prints the frequency of this host's time-stamp counter in kHz. QEMU's emulated counter follows it, and a guest that
 * has to find it out for itself fails to when the host is busy; Linux offers no other way to learn it from user space.
 */
#include <stdint.h>
#include <stdio.h>
#include <time.h>
#include <x86intrin.h>

/* Long enough for five digits. */
#define SPAN_NS 20000000

struct instant {
	int64_t ns;
	uint64_t ticks;
};

/* The reading whose two clock readings lie closest together: nothing interrupted it. */
static struct instant take(void)
{
	struct instant best = { 0, 0 };
	int64_t narrowest = INT64_MAX;

	for (int i = 0; i < 16; i++) {
		struct timespec before, after;
		clock_gettime(CLOCK_MONOTONIC_RAW, &before);

		uint64_t ticks = __rdtsc();

		clock_gettime(CLOCK_MONOTONIC_RAW, &after);
		int64_t from = before.tv_sec * 1000000000LL + before.tv_nsec;
		int64_t width = after.tv_sec * 1000000000LL + after.tv_nsec - from;
		if (width < narrowest) {
			narrowest = width;
			best = (struct instant){ .ns = from + width / 2, .ticks = ticks };
		}
	}
	return best;
}

int main(void)
{
	struct timespec span = { .tv_nsec = SPAN_NS };
	struct instant start = take();

	nanosleep(&span, NULL);
	struct instant end = take();
	printf("%.0f\n", (double)(end.ticks - start.ticks) / (double)(end.ns - start.ns) * 1e6);
	return 0;
}
