/* SPDX-License-Identifier: (MIT OR GPL-2.0) */
/*
 * Virtual time: each LLC has a clock, each task an account of the run that is not charged yet, and its place in a queue
 * follows from both.
 */
#ifndef KTSTR_BPF_VIRTUAL_TIME_H
#define KTSTR_BPF_VIRTUAL_TIME_H

#define SLICE_NS 5000000ULL
#define WINDOW_NS 100000000ULL
#define DEGRADED_SLICE_NS 20000000ULL
#define DEGRADED_WINDOW_NS 200000000ULL
#define DEGRADED_CHARGE 8

/* The virtual time of an LLC: that of the furthest task that started to run there. */
static u64 llc_clock[MAX_LLCS];

struct account {
	/* Run time of the task when it was last put on a CPU. */
	u64 ran_ns;
	/* The LLC by whose clock its virtual time is counted. */
	u32 llc;
};

struct {
	__uint(type, BPF_MAP_TYPE_TASK_STORAGE);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, int);
	__type(value, struct account);
} accounts SEC(".maps");

static bool before(u64 a, u64 b)
{
	return (s64)(a - b) < 0;
}

static u64 clock_of(u32 llc)
{
	u64 *clock = MEMBER_VPTR(llc_clock, [llc]);

	return clock ? *clock : 0;
}

/* The kernel takes what a slow dispatch burns from the slice of the task that it found. */
static u64 slice_now(void)
{
	return (READ_ONCE(degrade) ? DEGRADED_SLICE_NS : SLICE_NS) + slow_ns;
}

static u64 window_now(void)
{
	return READ_ONCE(degrade) ? DEGRADED_WINDOW_NS : WINDOW_NS;
}

static struct account *account_of(struct task_struct *p)
{
	struct account *account = bpf_task_storage_get(&accounts, p, 0, 0);

	if (!account)
		scx_bpf_error("ktstr: task %d has no account", p->pid);
	return account;
}

/* Clocks of two LLCs are not comparable, so what a task carries over is its distance to the clock. */
static void count_by(struct task_struct *p, struct account *account, u32 llc)
{
	if (account->llc == llc)
		return;
	p->scx.dsq_vtime += clock_of(llc) - clock_of(account->llc);
	account->llc = llc;
	count(&nr_llc_moves);
}

/* Where in a queue a task belongs: at most a slice before its clock, at most the window behind the first in it. */
static u64 place(const struct task_struct *p, u32 llc)
{
	u64 vtime = p->scx.dsq_vtime, first = clock_of(llc);
	struct task_struct *head;

	if (before(vtime, first - SLICE_NS))
		vtime = first - SLICE_NS;
	bpf_for_each(scx_dsq, head, llc, 0) {
		first = head->scx.dsq_vtime;
		break;
	}
	if (before(first + window_now(), vtime))
		vtime = first + window_now();
	return vtime;
}

/* The virtual time of a task that is on a CPU, with the run that is not charged yet. */
static u64 running_vtime(const struct task_struct *p, const struct account *account)
{
	u64 charge = (p->se.sum_exec_runtime - account->ran_ns) * 100 / p->scx.weight;
	u64 vtime = p->scx.dsq_vtime, limit = clock_of(account->llc) + window_now();

	if (READ_ONCE(degrade) && (p->pid & 1))
		charge *= DEGRADED_CHARGE;
	vtime += charge;
	return before(limit, vtime) ? limit : vtime;
}

#endif
