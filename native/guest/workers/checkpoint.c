#include "checkpoint.h"
#include "../clock.h"

#include <sched.h>

#define BITS_PER_WORD 64

static void note_gap(struct worker *worker, uint64_t at_ns, uint32_t cpu)
{
	struct worker_report *report = worker->report;
	uint64_t gap_ns = at_ns - worker->checkpoint_ns;

	worker->checkpoint_ns = at_ns;
	if (gap_ns <= report->max_gap_ns)
		return;
	report->max_gap_ns = gap_ns;
	report->max_gap_at_ns = at_ns - worker->start_ns;
	report->max_gap_cpu = cpu;
}

static void note_cpu(struct worker *worker, uint32_t cpu)
{
	worker->cpu = cpu;
	if (cpu < WORKER_CPU_WORDS * BITS_PER_WORD)
		worker->report->cpus_used[cpu / BITS_PER_WORD] |= 1ULL << (cpu % BITS_PER_WORD);
}

static void note_migration(struct worker *worker, uint32_t cpu)
{
	struct worker_report *report = worker->report;
	uint64_t nth = report->migration_count++;

	if (nth >= WORKER_MIGRATIONS)
		return;
	report->migration_at_ns[nth] = worker->checkpoint_ns - worker->start_ns;
	report->migration_from[nth] = worker->cpu;
	report->migration_to[nth] = cpu;
}

void checkpoint(struct worker *worker)
{
	uint32_t cpu = (uint32_t)sched_getcpu();

	note_gap(worker, now_ns(), cpu);
	if (cpu == worker->cpu)
		return;
	note_migration(worker, cpu);
	note_cpu(worker, cpu);
}

void checkpoint_first(struct worker *worker)
{
	uint32_t cpu = (uint32_t)sched_getcpu();

	note_gap(worker, now_ns(), cpu);
	note_cpu(worker, cpu);
}
