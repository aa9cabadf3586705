/* SPDX-License-Identifier: (MIT OR GPL-2.0) */
/*
 * What the loader settles before the scheduler is verified, and the counters that it prints at the end.
 */
#ifndef KTSTR_BPF_SETTINGS_H
#define KTSTR_BPF_SETTINGS_H

const volatile u32 nr_cpus = 1;
const volatile u32 nr_llcs = 1;
const volatile u32 cpu_llc[MAX_CPUS];
const volatile u64 stall_after_ns = NEVER_NS;
const volatile u64 crash_after_ns = NEVER_NS;
const volatile u64 degrade_after_ns = NEVER_NS;
const volatile u64 slow_ns;
const volatile bool scatter;
const volatile bool fail_verify;
const volatile bool verify_loop;

u64 nr_local, nr_enqueued, nr_dispatched, nr_stolen, nr_held, nr_kicks, nr_llc_moves;

static void count(u64 *counter)
{
	__sync_fetch_and_add(counter, 1);
}

#endif
