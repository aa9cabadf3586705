/*
 * PID 1 of the guest, until it becomes the program named in /ktstr/argv. It does what that program cannot do for
 * itself: mounts, kernel modules, the loopback interface, its own scheduling class, and the spotter beside it.
 */
#include "../clock.h"
#include "../priorities.h"
#include "entropy.h"
#include "lines.h"
#include "loopback.h"
#include "modules.h"
#include "mounts.h"
#include "serial.h"
#include "spotter.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <sys/resource.h>
#include <unistd.h>

#define MODULES "/ktstr/modules"
#define ARGUMENTS "/ktstr/argv"
#define ENVIRONMENT "/ktstr/env"

/* The exec'd program finds the spotter's command pipe here. */
#define SPOTTER_FD 3
/* Where Node opens its inspector on SIGUSR1. */
#define INSPECTOR_PORT 9229

/* Chosen: Node opens its inspector in a few hundred milliseconds, on an emulated machine with one busy CPU. */
#define SPOTTER_PATIENCE_NS (10 * NS_PER_S)

#define OPEN_FILES 65536

static char *default_environment[] = {
	"PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
	"HOME=/root",
	NULL,
};

static void prepare_devices(void)
{
	const char *what;
	int err = mount_devices(&what);

	serial_open();
	if (err)
		fail(what, err);
}

static void prepare_mounts(void)
{
	const char *what;
	int err = mount_all(&what);

	if (err)
		fail(what, err);
}

static void prepare_modules(void)
{
	char what[256];
	const char *which;
	int err = load_modules(MODULES, &which);

	if (!err)
		return;
	snprintf(what, sizeof(what), "module:%s", which);
	fail(what, err);
}

static void set_open_files(void)
{
	struct rlimit limit = { .rlim_cur = OPEN_FILES, .rlim_max = OPEN_FILES };

	if (setrlimit(RLIMIT_NOFILE, &limit) != 0)
		fail("rlimit", errno);
}

static void enter_fifo(int priority)
{
	struct sched_param param = { .sched_priority = priority };

	if (sched_setscheduler(0, SCHED_FIFO | SCHED_RESET_ON_FORK, &param) != 0)
		fail("sched_fifo", errno);
}

static _Noreturn void run_spotter(int commands)
{
	const struct spotter spotter = {
		.commands = commands,
		.pid = getppid(),
		.port = INSPECTOR_PORT,
		.out = serial_fd(),
		.patience_ns = SPOTTER_PATIENCE_NS,
	};

	enter_fifo(SPOTTER_PRIORITY);
	if (spotter_watch(&spotter)) {
		const struct sched_param none = { .sched_priority = 0 };

		/* Powering off takes kernel threads, which the loop would starve. */
		sched_setscheduler(spotter.pid, SCHED_IDLE, &none);
		power_off();
	}
	_exit(0);
}

static void start_spotter(void)
{
	int ends[2];
	pid_t pid;

	if (pipe2(ends, O_CLOEXEC) != 0)
		fail("spotter:pipe", errno);
	pid = fork();
	if (pid < 0)
		fail("spotter:fork", errno);
	if (pid == 0) {
		close(ends[1]);
		run_spotter(ends[0]);
	}
	close(ends[0]);
	if (ends[1] == SPOTTER_FD) {
		fcntl(SPOTTER_FD, F_SETFD, 0);
		return;
	}
	if (dup2(ends[1], SPOTTER_FD) < 0)
		fail("spotter:pipe", errno);
	close(ends[1]);
}

static _Noreturn void run_program(void)
{
	char **arguments, **environment;
	int err;

	err = read_lines(ARGUMENTS, &arguments);
	if (err)
		fail(ARGUMENTS, err);
	if (arguments == NULL || arguments[0] == NULL)
		fail(ARGUMENTS, ENOENT);
	err = read_lines(ENVIRONMENT, &environment);
	if (err)
		fail(ENVIRONMENT, err);
	enter_fifo(PROGRAM_PRIORITY);
	mark_stage("exec", now_ns());
	execve(arguments[0], arguments, environment != NULL ? environment : default_environment);
	err = errno;
	fail("exec", err);
}

int main(void)
{
	uint64_t begun_ns = now_ns();
	int err;

	/* It mounts over the running system and ends in a power-off. */
	if (getpid() != 1) {
		fprintf(stderr, "init: runs as process 1 only\n");
		return 1;
	}
	prepare_devices();
	mark_stage("init", begun_ns);
	prepare_mounts();
	mark_stage("mounts", now_ns());
	tell_vmcoreinfo();
	err = credit_entropy();
	if (err)
		fail("entropy", err);
	prepare_modules();
	err = loopback_up();
	if (err)
		fail("loopback", err);
	mark_stage("modules", now_ns());
	set_open_files();
	start_spotter();
	run_program();
}
