#ifndef MONITOR_PLAN_H
#define MONITOR_PLAN_H

#include "error.h"

/* A copy of a plan that was found sound, and where the parts of its records are. */
struct plan {
	struct monitor_plan header;
	struct monitor_expression *expressions;
	struct monitor_group *groups;
	struct monitor_thread *threads;
	uint32_t valid_at, consistent_at, threads_at, payload_at;
	uint32_t record_bytes;
};

int plan_init(struct plan *plan, const void *bytes, uint64_t length, struct monitor_error *error);
void plan_deinit(struct plan *plan);

#endif
