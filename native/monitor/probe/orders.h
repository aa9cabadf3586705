#ifndef PROBE_ORDERS_H
#define PROBE_ORDERS_H

#include "../executor.h"
#include "probe.h"

#include <stdbool.h>

/* Orders, and what is needed to follow them. The memory is mapped later: QEMU makes it after its plugins. */
struct orders {
	struct probe_orders header;
	struct monitor_range *ranges;
	struct monitor_window windows[MONITOR_MAX_WINDOWS];
	struct plan plan;
	bool is_mapped;
	struct ram ram;
	struct address_space space;
	struct executor executor;
	/* The clock at the last sample that went by it. */
	uint64_t sampled_at;
};

/* From bytes as probe.h describes them. On failure there is nothing to give back. */
int orders_init(struct orders *orders, const uint8_t *bytes, uint64_t length, struct monitor_error *error);
/* Maps the memory, once. */
int orders_map(struct orders *orders, struct monitor_error *error);
void orders_deinit(struct orders *orders);

#endif
