#include "collect.h"
#include "../clock.h"
#include "groups.h"
#include "release.h"
#include "reply.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

/* Chosen: an iteration lasts microseconds, so a worker this late has not been on a CPU. */
#define STOP_NS (5 * NS_PER_S)
#define KILL_NS (5 * NS_PER_S)

static uint64_t timeval_ns(const struct timeval *time)
{
	return (uint64_t)time->tv_sec * NS_PER_S + (uint64_t)time->tv_usec * 1000;
}

/* Completes the report of a worker that could not do it: what it wrote while it ran stays. */
static void write_obituary(struct worker_slot *slot, const struct member *member, int status,
			   const struct rusage *usage)
{
	struct worker_report *report = &slot->report;

	if (report->exit_kind == WORKER_COMPLETED)
		return;
	report->cpu_time_ns = timeval_ns(&usage->ru_utime) + timeval_ns(&usage->ru_stime);
	report->wall_time_ns = slot->start_ns == 0 ? 0 : now_ns() - slot->start_ns;
	if (member->overdue)
		report->exit_kind = WORKER_TIMED_OUT;
	else if (WIFSIGNALED(status))
		report->exit_kind = WORKER_SIGNALED;
	else
		report->exit_kind = WORKER_EXITED;
	report->exit_value = (uint32_t)(WIFSIGNALED(status) ? WTERMSIG(status) : WEXITSTATUS(status));
}

static void bury(struct kit *kit, pid_t pid, int status, const struct rusage *usage)
{
	struct group *group;
	uint32_t index;
	struct member *member = groups_find(kit, pid, &group, &index);

	if (member == NULL)
		return;
	member->alive = false;
	write_obituary(&group->slots[index], member, status, usage);
	if (!kit->stopping)
		reply("died %u %u %d\n", group->id, index, status);
}

void collect_dead(struct kit *kit)
{
	struct signalfd_siginfo ignored;
	struct rusage usage;
	int status;
	pid_t pid;

	/* One signal may stand for many children: the signal says when, wait4 who. */
	while (read(kit->signals, &ignored, sizeof(ignored)) > 0)
		;
	while ((pid = wait4(-1, &status, WNOHANG, &usage)) > 0)
		bury(kit, pid, status, &usage);
}

static bool any_alive(const struct kit *kit)
{
	for (const struct group *group = kit->groups; group != NULL; group = group->next) {
		for (uint32_t i = 0; i < group->count; i++) {
			if (group->members[i].alive)
				return true;
		}
	}
	return false;
}

static bool any_child(const struct kit *kit)
{
	siginfo_t ignored;

	(void)kit;
	return waitid(P_ALL, 0, &ignored, WEXITED | WNOHANG | WNOWAIT) == 0;
}

/* Collects until there are no more, or the deadline. Returns false at the deadline. */
static bool collect_until(struct kit *kit, bool (*more)(const struct kit *), uint64_t deadline_ns)
{
	struct pollfd signals = { .fd = kit->signals, .events = POLLIN };

	collect_dead(kit);
	while (more(kit)) {
		if (poll(&signals, 1, ms_until(deadline_ns)) == 0)
			return false;
		collect_dead(kit);
	}
	return true;
}

static void kill_alive(struct kit *kit, bool overdue)
{
	for (struct group *group = kit->groups; group != NULL; group = group->next) {
		for (uint32_t i = 0; i < group->count; i++) {
			struct member *member = &group->members[i];

			if (!member->alive)
				continue;
			member->overdue = overdue;
			kill(-member->pid, SIGKILL);
		}
	}
}

static void write_reports(const struct kit *kit)
{
	uint32_t count = 0;

	for (const struct group *group = kit->groups; group != NULL; group = group->next)
		count += group->release != 0 ? group->count : 0;
	reply("reports %u %zu\n", count, sizeof(struct worker_report));
	for (const struct group *group = kit->groups; group != NULL; group = group->next) {
		for (uint32_t i = 0; group->release != 0 && i < group->count; i++)
			reply_bytes(&group->slots[i].report, sizeof(group->slots[i].report));
	}
}

void stop_workers(struct kit *kit)
{
	bool all_dead;

	kit->stopping = true;
	__atomic_store_n(&kit->control->stop, 1, __ATOMIC_RELAXED);
	/* Those that were never started would wait for ever. */
	release_workers(kit);
	all_dead = collect_until(kit, any_alive, now_ns() + STOP_NS);
	if (!all_dead) {
		kill_alive(kit, true);
		all_dead = collect_until(kit, any_alive, now_ns() + KILL_NS);
	}
	if (all_dead) {
		write_reports(kit);
		groups_clear(kit);
	} else {
		reply_error("kill", ETIMEDOUT);
	}
	kit->stopping = false;
}

bool kill_workers(struct kit *kit)
{
	kit->stopping = true;
	kill_alive(kit, false);
	return collect_until(kit, any_child, now_ns() + KILL_NS);
}
