/*
 * What a worker measures about itself, as it lies in memory and on the wire (little endian). The X-macro lists are the
 * one definition: the C struct, its checks and the TypeScript layout (report-layout.gen.ts) come from them.
 */
#ifndef KTSTR_WORKER_REPORT_H
#define KTSTR_WORKER_REPORT_H

#include <stdint.h>

/* Chosen: enough to see a pattern of migrations; the count of all of them is kept apart. */
#define WORKER_MIGRATIONS 64
/* 64 CPUs per word: CPUs from 1024 on leave no mark. */
#define WORKER_CPU_WORDS 16

/*
 * ONE(type, name) and MANY(type, name, count). Durations and instants are nanoseconds of CLOCK_MONOTONIC, instants
 * count from the start signal.
 *
 *   work_units, iterations   counters of the loop body; iterations is readable while the worker runs
 *   max_gap_*                longest wall time between two checkpoints, the instant and the CPU where it ended
 *   schedstat_*              deltas of the three fields of /proc/self/schedstat
 *   cpus_used                bitmap of the CPUs seen at checkpoints
 *   migration_*              the first WORKER_MIGRATIONS migrations, in order
 *   exit_kind, exit_value    enum worker_exit, and the signal or exit code that belongs to it
 */
#define WORKER_REPORT_FIELDS(ONE, MANY)                    \
	ONE(uint64_t, work_units)                          \
	ONE(uint64_t, iterations)                          \
	ONE(uint64_t, wall_time_ns)                        \
	ONE(uint64_t, cpu_time_ns)                         \
	ONE(uint64_t, max_gap_ns)                          \
	ONE(uint64_t, max_gap_at_ns)                       \
	ONE(uint64_t, migration_count)                     \
	ONE(uint64_t, schedstat_cpu_time_ns)               \
	ONE(uint64_t, schedstat_run_delay_ns)              \
	ONE(uint64_t, schedstat_run_count)                 \
	MANY(uint64_t, cpus_used, WORKER_CPU_WORDS)        \
	MANY(uint64_t, migration_at_ns, WORKER_MIGRATIONS) \
	MANY(uint32_t, migration_from, WORKER_MIGRATIONS)  \
	MANY(uint32_t, migration_to, WORKER_MIGRATIONS)    \
	ONE(uint32_t, group)                               \
	ONE(uint32_t, index)                               \
	ONE(uint32_t, pid)                                 \
	ONE(uint32_t, max_gap_cpu)                         \
	ONE(uint32_t, exit_kind)                           \
	ONE(uint32_t, exit_value)

/* EXIT(constant, TypeScript name). UNFINISHED never leaves the kit. */
#define WORKER_EXITS(EXIT)                    \
	EXIT(WORKER_UNFINISHED, "unfinished") \
	EXIT(WORKER_COMPLETED, "completed")   \
	EXIT(WORKER_SIGNALED, "signaled")     \
	EXIT(WORKER_EXITED, "exited")         \
	EXIT(WORKER_TIMED_OUT, "timed-out")

#define WORKER_ONE(type, name) type name;
#define WORKER_MANY(type, name, count) type name[count];
struct worker_report {
	WORKER_REPORT_FIELDS(WORKER_ONE, WORKER_MANY)
};
#undef WORKER_ONE
#undef WORKER_MANY

#define WORKER_EXIT(constant, name) constant,
enum worker_exit { WORKER_EXITS(WORKER_EXIT) };
#undef WORKER_EXIT

/* The sum of the fields: a size beyond it would be padding, which differs between compilers. */
#define WORKER_ONE(type, name) +sizeof(type)
#define WORKER_MANY(type, name, count) +sizeof(type) * (count)
_Static_assert(sizeof(struct worker_report) == 0 WORKER_REPORT_FIELDS(WORKER_ONE, WORKER_MANY),
	       "struct worker_report has no padding");
#undef WORKER_ONE
#undef WORKER_MANY
_Static_assert(sizeof(struct worker_report) == 1256, "a change of the size is meant");

#endif
