/* SPDX-License-Identifier: (MIT OR GPL-2.0) */
/*
 * Timers of the kernel that write the variables which make the scheduler misbehave. User space, of which the loader is
 * a part, may not get a CPU under the load, or the stall, that is being tested.
 */
#ifndef KTSTR_BPF_DELAYS_H
#define KTSTR_BPF_DELAYS_H

u32 stall, crash, degrade;

/* Part of the scheduler: leaves with scx_bpf_error() when crash is set. */
static void crash_if_asked(void);

enum delayed { DELAYED_STALL, DELAYED_CRASH, DELAYED_DEGRADE, NR_DELAYED };

struct delay {
	struct bpf_timer timer;
};

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, NR_DELAYED);
	__type(key, u32);
	__type(value, struct delay);
} delays SEC(".maps");

static int on_delay(void *map, u32 *key, struct delay *value)
{
	if (*key == DELAYED_STALL)
		WRITE_ONCE(stall, 1);
	if (*key == DELAYED_DEGRADE)
		WRITE_ONCE(degrade, 1);
	if (*key == DELAYED_CRASH)
		WRITE_ONCE(crash, 1);
	crash_if_asked();
	return 0;
}

static s32 set_delay(u32 key, u64 after_ns)
{
	struct delay *delay;
	s32 err;

	if (after_ns == NEVER_NS)
		return 0;
	delay = bpf_map_lookup_elem(&delays, &key);
	if (!delay)
		return -ENOENT;
	err = bpf_timer_init(&delay->timer, &delays, CLOCK_MONOTONIC);
	if (!err)
		err = bpf_timer_set_callback(&delay->timer, on_delay);
	if (!err)
		err = bpf_timer_start(&delay->timer, after_ns, 0);
	return err;
}

#endif
