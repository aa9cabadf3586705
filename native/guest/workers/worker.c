#include "worker.h"
#include "../clock.h"
#include "checkpoint.h"
#include "futex.h"
#include "schedstat.h"
#include "start_offset.h"

#include <signal.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

static uint64_t thread_cpu_ns(void)
{
	struct timespec used;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &used);
	return (uint64_t)used.tv_sec * NS_PER_S + (uint64_t)used.tv_nsec;
}

static void leave_the_kit(const struct worker_orders *orders)
{
	sigset_t none;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	/* A kit that died before the line above sends no signal any more. */
	if (getppid() != orders->kit)
		_exit(EXIT_FAILURE);
	prctl(PR_SET_NAME, orders->type->name);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	/* A worker that held the kit's pipes would keep their other ends from seeing the kit's end. */
	syscall(SYS_close_range, 0U, ~0U, 0U);
}

static void wait_for_release(const struct worker_orders *orders)
{
	uint32_t released;

	for (;;) {
		released = __atomic_load_n(&orders->control->released, __ATOMIC_ACQUIRE);
		if (released >= orders->release)
			return;
		futex_wait(&orders->control->released, released);
	}
}

static void sleep_until(uint64_t at_ns)
{
	const struct timespec at = { .tv_sec = (time_t)(at_ns / NS_PER_S), .tv_nsec = (long)(at_ns % NS_PER_S) };

	while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &at, NULL) != 0)
		;
}

bool worker_tick(struct worker *worker, uint64_t units)
{
	struct worker_report *report = worker->report;

	report->work_units += units;
	__atomic_store_n(&report->iterations, report->iterations + 1, __ATOMIC_RELAXED);
	if (report->work_units % CHECKPOINT_UNITS == 0)
		checkpoint(worker);
	return !__atomic_load_n(&worker->control->stop, __ATOMIC_RELAXED);
}

void worker_main(const struct worker_orders *orders)
{
	struct worker_report *report = &orders->slot->report;
	struct worker worker = { .control = orders->control, .report = report };
	struct schedstat before, after;
	uint64_t cpu_before_ns;

	leave_the_kit(orders);
	schedstat_read(&before);
	cpu_before_ns = thread_cpu_ns();
	wait_for_release(orders);

	/* The wait for the first turn on a CPU counts as a gap. */
	worker.start_ns = orders->slot->start_ns;
	worker.checkpoint_ns = worker.start_ns + start_offset_ns(orders->seed, report->group, report->index);
	if (!__atomic_load_n(&orders->control->stop, __ATOMIC_RELAXED)) {
		sleep_until(worker.checkpoint_ns);
		checkpoint_first(&worker);
		orders->type->run(&worker);
	}

	/* CPU time before wall time, so that it cannot come out the larger one. */
	report->cpu_time_ns = thread_cpu_ns() - cpu_before_ns;
	report->wall_time_ns = now_ns() - worker.start_ns;
	schedstat_read(&after);
	report->schedstat_cpu_time_ns = after.cpu_time_ns - before.cpu_time_ns;
	report->schedstat_run_delay_ns = after.run_delay_ns - before.run_delay_ns;
	report->schedstat_run_count = after.run_count - before.run_count;
	report->exit_kind = WORKER_COMPLETED;
	_exit(EXIT_SUCCESS);
}
