#ifndef MONITOR_EXECUTOR_H
#define MONITOR_EXECUTOR_H

#include "plan.h"
#include "threads.h"
#include "walk.h"

/* Executes a plan again and again into one record, in which values stay that a sample does not read. */
struct executor {
	const struct plan *plan;
	const struct address_space *space;
	uint64_t tlb_ns, tlb_flushed_ns;
	struct tlb tlb;
	struct threads threads;
	uint8_t *record;
	/* Payload and validity of a group that is not yet known to be of one moment. */
	uint8_t *scratch;
};

/* The plan and the address space outlive the executor. A `tlb_ms` of 0 keeps no translation beyond a sample. */
int executor_init(struct executor *executor, const struct plan *plan, const struct address_space *space,
		  uint32_t tlb_ms, struct monitor_error *error);
void executor_deinit(struct executor *executor);

/* Takes sample `sequence`. Returns the record, whose duration and losses are the caller's to fill in. */
struct monitor_record *executor_run(struct executor *executor, uint64_t sequence, uint64_t now_ns);

#endif
