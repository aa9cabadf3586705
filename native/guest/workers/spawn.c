#include "spawn.h"
#include "../io.h"
#include "reply.h"
#include "worker.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/sched.h>
#include <signal.h>
#include <stdio.h>
#include <sys/syscall.h>
#include <unistd.h>

static int open_cgroup(const char *path)
{
	int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	return fd < 0 ? -errno : fd;
}

/* Forks straight into a cgroup, so that no instruction of the worker runs outside of it (Linux 5.7). */
static pid_t fork_into(int cgroup)
{
	struct clone_args args = {
		.flags = CLONE_INTO_CGROUP,
		.exit_signal = SIGCHLD,
		.cgroup = (uint64_t)cgroup,
	};

	return (pid_t)syscall(SYS_clone3, &args, sizeof(args));
}

static int move_into(int cgroup, pid_t pid)
{
	char text[16];
	int err, length = snprintf(text, sizeof(text), "%d", pid);
	int procs = openat(cgroup, "cgroup.procs", O_WRONLY | O_CLOEXEC);

	if (procs < 0)
		return -errno;
	err = write_all(procs, text, (size_t)length);
	close(procs);
	return err;
}

/* Returns the pid, 0 in the worker, or -errno with *what naming the step. `cgroup` is -1 for none. */
static pid_t fork_worker(int cgroup, const char **what)
{
	pid_t pid;
	int err;

	*what = "fork";
	if (cgroup >= 0) {
		pid = fork_into(cgroup);
		if (pid >= 0)
			return pid;
	}
	/* Older kernels and system call filters refuse the call above; what else was wrong shows here again. */
	pid = fork();
	if (pid < 0)
		return -errno;
	if (pid == 0 || cgroup < 0)
		return pid;
	*what = "cgroup.procs";
	err = move_into(cgroup, pid);
	if (!err)
		return pid;
	kill(pid, SIGKILL);
	return err;
}

static int spawn_member(struct kit *kit, struct group *group, uint32_t index, int cgroup, const char **what)
{
	const struct worker_orders orders = {
		.kit = getpid(),
		.control = kit->control,
		.slot = &group->slots[index],
		.type = group->type,
		.seed = group->seed,
		.release = group->release,
	};
	struct member *member = &group->members[index];
	pid_t pid = fork_worker(cgroup, what);

	if (pid < 0)
		return pid;
	if (pid == 0)
		worker_main(&orders);
	/* Its own process group: what it forks dies with it. */
	setpgid(pid, pid);
	member->pid = pid;
	member->alive = true;
	group->slots[index].report.pid = (uint32_t)pid;
	reply("worker %u %u %d\n", group->id, index, pid);
	return 0;
}

static int spawn_group(struct kit *kit, struct group *group, const char **what)
{
	int cgroup = -1;
	int err = 0;

	if (group->cgroup != NULL) {
		*what = "cgroup";
		cgroup = open_cgroup(group->cgroup);
		if (cgroup < 0)
			return cgroup;
	}
	for (uint32_t i = 0; !err && i < group->count; i++)
		err = spawn_member(kit, group, i, cgroup, what);
	if (cgroup >= 0)
		close(cgroup);
	return err;
}

int spawn_workers(struct kit *kit, const char **what)
{
	/* Set by the stop before, when all workers of that time had ended. */
	kit->control->stop = 0;
	for (struct group *group = kit->groups; group != NULL; group = group->next) {
		int err;

		if (group->release != 0)
			continue;
		group->release = kit->control->released + 1;
		err = spawn_group(kit, group, what);
		if (err)
			return err;
	}
	return 0;
}
