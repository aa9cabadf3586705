#ifndef KTSTR_SCHEDSTAT_H
#define KTSTR_SCHEDSTAT_H

#include <stdint.h>

/* The three fields of /proc/self/schedstat (kernel: Documentation/scheduler/sched-stats.rst). */
struct schedstat {
	uint64_t cpu_time_ns;
	uint64_t run_delay_ns;
	uint64_t run_count;
};

/* A kernel without schedstats gives zeros. */
void schedstat_read(struct schedstat *stat);

#endif
