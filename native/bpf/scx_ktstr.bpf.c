/* SPDX-License-Identifier: (MIT OR GPL-2.0) */
/*
 * scx_ktstr: a scheduler that is correct until it is told to misbehave.
 *
 * Every LLC has one queue (DSQ) ordered by virtual time, which advances by run time over task weight. A task that wakes
 * while a CPU it may use is idle goes straight to that CPU. A CPU without work takes from the queue of its own LLC; it
 * takes from another LLC when that one has more tasks waiting, or when its own queue has none that may run here. All of
 * them share one queue per LLC, so a task that may use only some CPUs is passed over by the others and found by its
 * own; it waits in the queue of an LLC of which it may use a CPU, so that this CPU looks there first.
 *
 * The order is by weight among tasks that compete for the same CPUs. Virtual time runs slower on crowded CPUs, so a
 * queue whose tasks are tied to different CPUs of its LLC would let the tasks of the idle ones get ahead without limit,
 * and a newcomer to a crowded CPU would start behind all of that lead. No task is therefore queued further than
 * WINDOW_NS behind the first one, and none waits longer than its CPU needs to give every other task that much: 100 ms
 * for each.
 *
 * Variables of .bss, which a host may read and, where it says so, write while the scheduler runs:
 *
 *   u32 stall       written: while non-zero, user tasks are put aside when they would be queued; kernel threads run on
 *   u32 crash       written: non-zero makes the scheduler leave with scx_bpf_error() and this number in the message
 *   u32 degrade     written: while non-zero, tasks with an odd pid pay eight times and slices are four times as long
 *   u64 nr_local       tasks that went straight to an idle CPU
 *   u64 nr_enqueued    tasks put into the queue of an LLC
 *   u64 nr_dispatched  tasks a CPU took from the queue of its own LLC
 *   u64 nr_stolen      tasks a CPU took from the queue of another LLC
 *   u64 nr_held        tasks put aside by a stall
 *   u64 nr_kicks       idle CPUs woken for a queued task
 *   u64 nr_llc_moves   tasks that changed LLC between two runs
 *
 * A write takes effect when a task is next queued, a CPU next looks for work, or at the next tick of a busy CPU. The
 * delays of the command line write the same variables (delays.bpf.h).
 */
#include <scx/common.bpf.h>
#include "limits.h"
#include "settings.bpf.h"
#include "delays.bpf.h"
#include "rejected.bpf.h"
#include "virtual_time.bpf.h"

char _license[] SEC("license") = "Dual MIT/GPL";

UEI_DEFINE(uei);

#define S64_MAX ((s64)(~0ULL >> 1))

/* Queues 0 to nr_llcs - 1 are those of the LLCs. */
#define HELD_DSQ (1ULL << 16)

static u32 steal_cursor[MAX_CPUS];
static u32 scatter_cursor;

/* Becomes readable when the kernel has let go of the scheduler, which is what the loader waits for. */
struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 4096);
} exited SEC(".maps");

static u32 llc_of(s32 cpu)
{
	const volatile u32 *llc = MEMBER_VPTR(cpu_llc, [cpu]);

	return llc ? *llc : 0;
}

static void crash_if_asked(void)
{
	u32 code = READ_ONCE(crash);

	if (code)
		scx_bpf_error("ktstr: crash on request: code %u, %llu enqueued", code, nr_enqueued);
}

static bool is_held(const struct task_struct *p)
{
	return READ_ONCE(stall) && !(p->flags & PF_KTHREAD);
}

/* The next CPU in turn that the task may use. */
static s32 scatter_cpu(const struct task_struct *p, s32 otherwise)
{
	u32 turn = __sync_fetch_and_add(&scatter_cursor, 1);
	u32 i;

	bpf_for(i, 0, nr_cpus) {
		u32 cpu = (turn + i) % nr_cpus;

		if (bpf_cpumask_test_cpu(cpu, p->cpus_ptr))
			return cpu;
	}
	return otherwise;
}

static void run_next_here(struct task_struct *p)
{
	scx_bpf_dispatch(p, SCX_DSQ_LOCAL, slice_now(), 0);
	count(&nr_local);
}

s32 BPF_STRUCT_OPS(ktstr_select_cpu, struct task_struct *p, s32 prev_cpu, u64 wake_flags)
{
	bool idle = false;
	s32 cpu;

	if (is_held(p))
		return prev_cpu;
	if (scatter) {
		cpu = scatter_cpu(p, prev_cpu);
		idle = scx_bpf_test_and_clear_cpu_idle(cpu);
	} else {
		cpu = scx_bpf_select_cpu_dfl(p, prev_cpu, wake_flags, &idle);
	}
	if (idle)
		run_next_here(p);
	return cpu;
}

void BPF_STRUCT_OPS(ktstr_enqueue, struct task_struct *p, u64 enq_flags)
{
	s32 cpu = scx_bpf_task_cpu(p);
	struct account *account;
	u32 llc;

	crash_if_asked();
	if (is_held(p)) {
		scx_bpf_dispatch(p, HELD_DSQ, SLICE_NS, enq_flags);
		count(&nr_held);
		return;
	}
	account = account_of(p);
	if (!account)
		return;

	/* A task whose CPUs were just changed is first queued where it was. */
	if (scatter)
		cpu = scatter_cpu(p, cpu);
	else if (!bpf_cpumask_test_cpu(cpu, p->cpus_ptr))
		cpu = scx_bpf_pick_any_cpu(p->cpus_ptr, 0);
	llc = llc_of(cpu);

	count_by(p, account, llc);
	scx_bpf_dispatch_vtime(p, llc, slice_now(), place(p, llc), enq_flags);
	count(&nr_enqueued);

	cpu = scx_bpf_pick_idle_cpu(p->cpus_ptr, 0);
	if (cpu >= 0) {
		scx_bpf_kick_cpu(cpu, SCX_KICK_IDLE);
		count(&nr_kicks);
	}
}

static void burn(u64 ns)
{
	u64 end = bpf_ktime_get_ns() + ns;
	u32 i;

	bpf_for(i, 0, 1 << 22) {
		if (!before(bpf_ktime_get_ns(), end))
			break;
	}
}

/* How far ahead of the clock of its LLC a task is that ends its slice, more than any other when there is none. */
static s64 lead_of(struct task_struct *prev)
{
	struct account *account;

	if (!prev || !(prev->scx.flags & SCX_TASK_QUEUED) || is_held(prev))
		return S64_MAX;
	account = account_of(prev);
	return account ? (s64)(running_vtime(prev, account) - clock_of(account->llc)) : S64_MAX;
}

/* Whether the first task of a queue that may run here is to run rather than one with that lead. */
static bool is_next(u32 llc, s32 cpu, s64 lead)
{
	struct task_struct *p;
	s64 first = S64_MAX;

	bpf_for_each(scx_dsq, p, llc, 0) {
		if (bpf_cpumask_test_cpu(cpu, p->cpus_ptr)) {
			first = (s64)(p->scx.dsq_vtime - clock_of(llc));
			break;
		}
	}
	return first <= lead;
}

static bool steal(u32 llc)
{
	if (!scx_bpf_consume(llc))
		return false;
	count(&nr_stolen);
	return true;
}

/*
 * Takes a task for this CPU unless the one that ends its slice there, which is in no queue yet, is to go on. The own
 * LLC is compared with one other, the next with every call: calls stay short.
 */
static bool take(s32 cpu, s64 lead)
{
	u32 *cursor = MEMBER_VPTR(steal_cursor, [cpu]);
	u32 own = llc_of(cpu), turn, i;

	if (!cursor)
		return false;
	turn = ++*cursor % nr_llcs;
	if (turn != own && scx_bpf_dsq_nr_queued(turn) > scx_bpf_dsq_nr_queued(own) && is_next(turn, cpu, lead) &&
	    steal(turn))
		return true;
	if (!is_next(own, cpu, lead))
		return false;
	if (scx_bpf_consume(own)) {
		count(&nr_dispatched);
		return true;
	}
	bpf_for(i, 0, nr_llcs) {
		u32 llc = (turn + i) % nr_llcs;

		if (llc != own && steal(llc))
			return true;
	}
	return false;
}

void BPF_STRUCT_OPS(ktstr_dispatch, s32 cpu, struct task_struct *prev)
{
	if (fail_verify)
		be_rejected(0);
	if (verify_loop)
		be_rejected_late();

	crash_if_asked();
	if (slow_ns)
		burn(slow_ns);
	if (!READ_ONCE(stall) && scx_bpf_dsq_nr_queued(HELD_DSQ) > 0 && scx_bpf_consume(HELD_DSQ))
		return;
	if (take(cpu, lead_of(prev)))
		return;

	/* Otherwise the last task goes on; SCX_OPS_ENQ_LAST sends one that is to be held to enqueue. */
	if (prev && (prev->scx.flags & SCX_TASK_QUEUED) && !is_held(prev))
		prev->scx.slice = slice_now();
}

void BPF_STRUCT_OPS(ktstr_tick, struct task_struct *p)
{
	crash_if_asked();
	if (is_held(p))
		p->scx.slice = 0;
}

void BPF_STRUCT_OPS(ktstr_running, struct task_struct *p)
{
	u32 llc = llc_of(scx_bpf_task_cpu(p));
	u64 *clock = MEMBER_VPTR(llc_clock, [llc]);
	struct account *account = account_of(p);

	if (!account || !clock)
		return;
	count_by(p, account, llc);
	if (before(*clock, p->scx.dsq_vtime))
		*clock = p->scx.dsq_vtime;
	account->ran_ns = p->se.sum_exec_runtime;
}

void BPF_STRUCT_OPS(ktstr_stopping, struct task_struct *p, bool runnable)
{
	struct account *account = account_of(p);

	if (account)
		p->scx.dsq_vtime = running_vtime(p, account);
}

s32 BPF_STRUCT_OPS(ktstr_init_task, struct task_struct *p, struct scx_init_task_args *args)
{
	return bpf_task_storage_get(&accounts, p, 0, BPF_LOCAL_STORAGE_GET_F_CREATE) ? 0 : -ENOMEM;
}

void BPF_STRUCT_OPS(ktstr_enable, struct task_struct *p)
{
	struct account *account = account_of(p);

	if (!account)
		return;
	account->llc = llc_of(scx_bpf_task_cpu(p));
	p->scx.dsq_vtime = clock_of(account->llc);
}

s32 BPF_STRUCT_OPS_SLEEPABLE(ktstr_init)
{
	s32 err = scx_bpf_create_dsq(HELD_DSQ, -1);
	u32 i;

	bpf_for(i, 0, nr_llcs) {
		if (!err)
			err = scx_bpf_create_dsq(i, -1);
	}
	if (!err)
		err = set_delay(DELAYED_STALL, stall_after_ns);
	if (!err)
		err = set_delay(DELAYED_CRASH, crash_after_ns);
	if (!err)
		err = set_delay(DELAYED_DEGRADE, degrade_after_ns);
	return err;
}

void BPF_STRUCT_OPS(ktstr_dump, struct scx_dump_ctx *dump)
{
	scx_bpf_dump("ktstr: stall=%u crash=%u degrade=%u held=%d", stall, crash, degrade,
		     scx_bpf_dsq_nr_queued(HELD_DSQ));
}

void BPF_STRUCT_OPS(ktstr_exit, struct scx_exit_info *ei)
{
	u32 kind = ei->kind;

	UEI_RECORD(uei, ei);
	bpf_ringbuf_output(&exited, &kind, sizeof(kind), BPF_RB_FORCE_WAKEUP);
}

/* Without cpu_online and cpu_offline, the kernel itself lets go of the scheduler when a CPU comes or goes. */
SCX_OPS_DEFINE(ktstr_ops, .select_cpu = (void *)ktstr_select_cpu, .enqueue = (void *)ktstr_enqueue,
	       .dispatch = (void *)ktstr_dispatch, .tick = (void *)ktstr_tick, .running = (void *)ktstr_running,
	       .stopping = (void *)ktstr_stopping, .init_task = (void *)ktstr_init_task, .enable = (void *)ktstr_enable,
	       .init = (void *)ktstr_init, .dump = (void *)ktstr_dump, .exit = (void *)ktstr_exit,
	       .flags = SCX_OPS_ENQ_LAST, .timeout_ms = 5000, .name = "ktstr");
