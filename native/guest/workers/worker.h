#ifndef KTSTR_WORKER_H
#define KTSTR_WORKER_H

#include "control.h"
#include "work_types.h"

#include <stdbool.h>
#include <sys/types.h>

/* A worker as it sees itself. */
struct worker {
	struct control *control;
	struct worker_report *report;
	uint64_t start_ns;
	uint64_t checkpoint_ns;
	uint32_t cpu;
};

struct worker_orders {
	pid_t kit;
	struct control *control;
	struct worker_slot *slot; /* its report names the group and the index */
	const struct work_type *type;
	uint64_t seed;
	uint32_t release;
};

/* The life of a worker in its own process: waits for the release, works, leaves its report in the slot, exits. */
_Noreturn void worker_main(const struct worker_orders *orders);

/* Counts one outer iteration of `units` work units. Returns false when the worker shall stop. */
bool worker_tick(struct worker *worker, uint64_t units);

#endif
