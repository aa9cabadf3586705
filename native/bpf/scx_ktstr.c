/* SPDX-License-Identifier: (MIT OR GPL-2.0) */
/*
 * Loads and attaches scx_ktstr.bpf.c, waits, and says how it ended: statistics on stdout as "name value" lines, the
 * reason for the end and the debug dump on stderr. Exit status: 0 after SIGTERM, SIGINT, --exit-after or when the
 * kernel let go of the scheduler without an error (a CPU came or went, SysRq-S); 1 when it was thrown out for an error
 * or could not be loaded; 2 for a wrong command line; that of --exit-code.
 */
#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <scx/common.h>

#include "limits.h"
#include "llcs.h"
#include "options.h"
#include "scx_ktstr.skel.h"

#define NS_PER_S 1000000000ULL
#define WAKE_AFTER_STALL_NS 1000000ULL

/* Exits of this kind and above are errors (enum scx_exit_kind). */
#define EXIT_KIND_ERROR 1024

static volatile sig_atomic_t asked_to_stop;

static void on_signal(int number)
{
	(void)number;
	asked_to_stop = 1;
}

static void fail(const char *what, int error)
{
	fprintf(stderr, "scx_ktstr: %s: %s\n", what, strerror(error));
}

/* Leaves the signals blocked, so that they are seen only while waiting. Writes the mask to wait with. */
static void take_signals(const struct options *options, sigset_t *waiting)
{
	struct sigaction stop = { .sa_handler = on_signal };
	sigset_t blocked;

	sigemptyset(&blocked);
	sigaddset(&blocked, SIGINT);
	sigaddset(&blocked, SIGTERM);
	sigprocmask(SIG_BLOCK, &blocked, waiting);
	/* A parent that blocks them passes that on. */
	sigdelset(waiting, SIGINT);
	sigdelset(waiting, SIGTERM);
	sigaction(SIGINT, &stop, NULL);
	if (options->ignore_sigterm)
		stop.sa_handler = SIG_IGN;
	sigaction(SIGTERM, &stop, NULL);
}

static struct timespec to_timespec(uint64_t ns)
{
	return (struct timespec){ .tv_sec = (time_t)(ns / NS_PER_S), .tv_nsec = (long)(ns % NS_PER_S) };
}

/* Sent by a timer of the kernel: the loader may not get a CPU at that moment. */
static int die_after(uint64_t ns)
{
	struct sigevent event = { .sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGKILL };
	/* A value of 0 would disarm it. */
	struct itimerspec when = { .it_value = to_timespec(ns ? ns : 1) };
	timer_t timer;

	if (ns == NEVER_NS)
		return 0;
	return timer_create(CLOCK_MONOTONIC, &event, &timer) || timer_settime(timer, 0, &when, NULL) ? -errno : 0;
}

static uint64_t now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * NS_PER_S + (uint64_t)now.tv_nsec;
}

static uint64_t deadline(uint64_t start_ns, uint64_t after_ns)
{
	return after_ns == NEVER_NS ? NEVER_NS : start_ns + after_ns;
}

/* Until a signal, the time to exit, or the kernel's end of the scheduler. */
static void wait_for_end(int exited_fd, const struct options *options, const sigset_t *waiting)
{
	uint64_t now = now_ns();
	uint64_t end = deadline(now, options->exit_after_ns);
	uint64_t stall = deadline(now, options->stall_after_ns);
	struct pollfd exited = { .fd = exited_fd, .events = POLLIN };

	/* Up just after the stall began, the loader is held by it: on an idle machine nobody else may want to run. */
	if (stall != NEVER_NS)
		stall += WAKE_AFTER_STALL_NS;
	for (; !asked_to_stop && now < end; now = now_ns()) {
		uint64_t wake = now < stall && stall < end ? stall : end;
		struct timespec timeout = to_timespec(wake - now);

		if (ppoll(&exited, 1, wake == NEVER_NS ? NULL : &timeout, waiting) > 0)
			return;
	}
}

static struct scx_ktstr *open_scheduler(const struct options *options, const struct llcs *llcs, long hotplug_seq)
{
	struct scx_ktstr *skel = scx_ktstr__open();

	if (!skel)
		return NULL;
	skel->rodata->nr_cpus = llcs->nr_cpus;
	skel->rodata->nr_llcs = llcs->nr_llcs;
	for (uint32_t cpu = 0; cpu < llcs->nr_cpus; cpu++)
		skel->rodata->cpu_llc[cpu] = llcs->of_cpu[cpu];
	skel->rodata->stall_after_ns = options->stall_after_ns;
	skel->rodata->crash_after_ns = options->crash_after_ns;
	skel->rodata->degrade_after_ns = options->degrade_after_ns;
	skel->rodata->slow_ns = options->slow_us * 1000;
	skel->rodata->scatter = options->scatter;
	skel->rodata->fail_verify = options->fail_verify;
	skel->rodata->verify_loop = options->verify_loop;
	skel->struct_ops.ktstr_ops->hotplug_seq = (uint64_t)hotplug_seq;
	skel->struct_ops.ktstr_ops->timeout_ms = (uint32_t)options->timeout_ms;
	if (options->partial)
		skel->struct_ops.ktstr_ops->flags |= SCX_OPS_SWITCH_PARTIAL;
	UEI_SET_SIZE(skel, ktstr_ops, uei);
	return skel;
}

static void print_statistics(const struct scx_ktstr *skel)
{
#define PRINT(name) printf(#name " %" PRIu64 "\n", (uint64_t)skel->bss->name)
	PRINT(nr_local);
	PRINT(nr_enqueued);
	PRINT(nr_dispatched);
	PRINT(nr_stolen);
	PRINT(nr_held);
	PRINT(nr_kicks);
	PRINT(nr_llc_moves);
#undef PRINT
}

static int run(struct scx_ktstr *skel, const struct options *options, const sigset_t *waiting)
{
	struct bpf_link *link;
	int error, kind;

	error = scx_ktstr__load(skel);
	if (error) {
		fail("load", -error);
		return 1;
	}
	if (options->no_attach) {
		puts("scx_ktstr: loaded, not attached");
		error = die_after(options->kill_after_ns);
		if (!error)
			wait_for_end(-1, options, waiting);
		return error ? 1 : 0;
	}
	link = bpf_map__attach_struct_ops(skel->maps.ktstr_ops);
	if (!link) {
		fail("attach", errno);
		return 1;
	}
	puts("scx_ktstr: attached");
	error = die_after(options->kill_after_ns);
	if (error)
		fail("timer", -error);
	else
		wait_for_end(bpf_map__fd(skel->maps.exited), options, waiting);

	bpf_link__destroy(link);
	print_statistics(skel);
	kind = UEI_EXITED(skel, uei);
	UEI_REPORT(skel, uei);
	fprintf(stderr, "scx_ktstr: exit kind %d, code %" PRId64 "\n", kind, skel->data->uei.exit_code);
	return error || kind >= EXIT_KIND_ERROR ? 1 : 0;
}

int main(int argc, char *argv[])
{
	struct options options = read_options(argv);
	struct scx_ktstr *skel;
	struct llcs llcs;
	sigset_t waiting;
	long hotplug_seq;
	int status;

	(void)argc;
	if (options.exit_code != NO_EXIT_CODE)
		return (int)options.exit_code;
	setvbuf(stdout, NULL, _IOLBF, 0);
	take_signals(&options, &waiting);

	/* Before the CPUs are looked at: the kernel refuses the scheduler when one of them came or went after this. */
	hotplug_seq = scx_hotplug_seq();
	if (hotplug_seq < 0) {
		fail("/sys/kernel/sched_ext/hotplug_seq", (int)-hotplug_seq);
		return 1;
	}
	if (read_llcs(&llcs))
		return 1;
	skel = open_scheduler(&options, &llcs, hotplug_seq);
	if (!skel) {
		fail("open", errno);
		return 1;
	}
	status = run(skel, &options, &waiting);
	scx_ktstr__destroy(skel);
	return status;
}
