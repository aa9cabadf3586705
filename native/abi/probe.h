/*
 * What libktstr_probe.so, a plugin of QEMU's TCG, is told and tells. It looks into the guest whenever an instruction is
 * reached, while the vcpu waits in front of it: virtual time stands still, so the guest cannot know.
 *
 * Arguments of the plugin are descriptors of QEMU's process: `orders`, a file; `output`, a file to which entries are
 * appended; `control`, a socket. When it stops, it sends an event and waits for a length and that many bytes of new
 * orders; 0 means that the old ones stand, but for the stop. At the end of the socket it goes on.
 */
#ifndef KTSTR_PROBE_H
#define KTSTR_PROBE_H

#include "monitor.h"

#define PROBE_MAX_ORDERS (1 << 24)

/*
 * Orders are this header, then ranges, windows and the plan. Hits count from 1 and over all orders, and `address` stays
 * that of the first. 0 is never: of `sample_every` and `digest_every` (of RAM from the guest-physical address
 * `digest_from` on), which count hits, of `stop_at_hit`, and of what goes by the clock, which is the word of the kernel
 * at `clock_kva`: a sample at each hit at which it is `sample_period` or more beyond that of the sample before, and a
 * stop at the first hit at which it is `stop_at_clock` or more. Where `stop_kva` is not 0, a stop also at the first hit
 * at which the 4 bytes there are `stop_value`. A stop ends all conditions for one: new orders have those that remain.
 */
#define PROBE_ORDERS(FIELD, ARRAY)     \
	FIELD(uint64_t, address)       \
	FIELD(uint64_t, sample_every)  \
	FIELD(uint64_t, sample_period) \
	FIELD(uint64_t, digest_every)  \
	FIELD(uint64_t, digest_from)   \
	FIELD(uint64_t, stop_at_hit)   \
	FIELD(uint64_t, clock_kva)     \
	FIELD(uint64_t, stop_at_clock) \
	FIELD(uint64_t, stop_kva)      \
	FIELD(uint64_t, root_gpa)      \
	FIELD(uint32_t, levels)        \
	FIELD(uint32_t, range_count)   \
	FIELD(uint32_t, window_count)  \
	FIELD(uint32_t, plan_bytes)    \
	FIELD(uint32_t, stop_value)    \
	FIELD(uint32_t, reserved)

enum probe_entry_kind {
	/* Followed by a record of the plan, whose times are 0. */
	PROBE_SAMPLE = 1,
	/* Followed by a word that stands for all of RAM. */
	PROBE_DIGEST = 2,
	/* QEMU has ended; `hit` is the number of hits. Absent after a failure. */
	PROBE_END = 3,
};

#define PROBE_ENTRY(FIELD, ARRAY) \
	FIELD(uint32_t, kind)     \
	FIELD(uint32_t, bytes)    \
	FIELD(uint64_t, hit)

enum probe_event_kind {
	PROBE_STOPPED = 1,
	/* It cannot do as it was told, and does nothing any more. Followed by a struct monitor_error. */
	PROBE_FAILED = 2,
};

/* Likewise on the socket. */
#define PROBE_EVENT(FIELD, ARRAY) PROBE_ENTRY(FIELD, ARRAY)

struct probe_orders {
	PROBE_ORDERS(MONITOR_DECLARE_FIELD, MONITOR_DECLARE_ARRAY)
};
struct probe_entry {
	PROBE_ENTRY(MONITOR_DECLARE_FIELD, MONITOR_DECLARE_ARRAY)
};
struct probe_event {
	PROBE_EVENT(MONITOR_DECLARE_FIELD, MONITOR_DECLARE_ARRAY)
};

_Static_assert(sizeof(struct probe_orders) == 104, "orders are part of the ABI");

#endif
