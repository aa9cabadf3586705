/*
 * watchdog TIMEOUT_MS PROGRAM [ARGUMENT...]: runs a sched_ext scheduler with another limit of its watchdog than the one
 * it asks for.
 *
 * The program takes the place of this process. A tracer beside it watches its system calls up to the one that hands the
 * scheduler to the kernel, writes the limit over that of the scheduler, and lets go. What came of it is one line on
 * descriptor 3, which the program does not inherit: `set ASKED_MS`, or `failed WHY`.
 */
#include "../io.h"
#include "trace.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define REPORT_FD 3
#define KERNEL_BTF "/sys/kernel/btf/vmlinux"
/* The kernel's own limit: SCX_WATCHDOG_MAX_TIMEOUT of kernel/sched/ext.c. */
#define MAX_TIMEOUT_MS 30000
#define EXIT_USAGE 2
#define EXIT_NOT_EXECUTABLE 126
#define EXIT_ABSENT 127

__attribute__((format(printf, 1, 2))) static void report(const char *format, ...)
{
	char line[256];
	va_list arguments;
	int length;

	va_start(arguments, format);
	length = vsnprintf(line, sizeof(line), format, arguments);
	va_end(arguments);
	if (length > 0)
		write_all(REPORT_FD, line, (size_t)length < sizeof(line) ? (size_t)length : sizeof(line) - 1);
}

static int read_layout(struct ops_layout *layout)
{
	int fd = open(KERNEL_BTF, O_RDONLY | O_CLOEXEC), err;
	struct stat stat;
	uint8_t *btf;
	size_t length = 0;
	ssize_t got = 1;

	if (fd < 0)
		return -errno;
	err = fstat(fd, &stat) < 0 ? -errno : 0;
	btf = err ? NULL : malloc((size_t)stat.st_size);
	if (!err && !btf)
		err = -ENOMEM;
	/* Older kernels do not let the file be mapped. */
	while (!err && got > 0 && length < (size_t)stat.st_size) {
		got = read(fd, btf + length, (size_t)stat.st_size - length);
		if (got < 0)
			err = -errno;
		else
			length += (size_t)got;
	}
	if (!err)
		err = ops_layout_find(btf, length, layout);
	free(btf);
	close(fd);
	return err;
}

/* The outputs of the scheduler end with the scheduler. */
static void leave_outputs(void)
{
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);

	for (int fd = STDIN_FILENO; null >= 0 && fd <= STDERR_FILENO; fd++)
		dup2(null, fd);
}

static void follow(pid_t process, uint32_t limit_ms, int go)
{
	struct trace trace = { .process = process, .limit_ms = limit_ms };
	int err = read_layout(&trace.layout);

	if (err) {
		report("failed %s: %s\n", KERNEL_BTF, err == -ENOENT ? "there is no sched_ext in it" : strerror(-err));
		return;
	}
	err = trace_begin(&trace);
	/* The program runs in any case: a scheduler that does not attach tells of itself. */
	write_all(go, "", 1);
	if (!err)
		err = trace_until_set(&trace);
	if (!err)
		report("set %u\n", trace.asked_ms);
	else if (err == -ESRCH)
		report("failed it ended without handing a scheduler to the kernel\n");
	else
		report("failed %s: %s\n", trace.failed_call, strerror(-err));
}

/* Makes the tracer a child of process 1: the program is to know nothing of it. Returns 0, or -errno of a fork(2). */
static int fork_tracer(uint32_t timeout_ms, const int go[2])
{
	pid_t process = getpid(), child = fork();
	int status = 0;

	if (child < 0)
		return -errno;
	if (child == 0) {
		pid_t tracer = fork();

		if (tracer == 0) {
			leave_outputs();
			close(go[0]);
			follow(process, timeout_ms, go[1]);
		}
		_exit(tracer < 0 ? errno : 0);
	}
	waitpid(child, &status, 0);
	return WIFEXITED(status) ? -WEXITSTATUS(status) : -EAGAIN;
}

/* Returns 0 when the tracer follows, or has told why not; else -errno. */
static int start_tracer(uint32_t timeout_ms)
{
	int go[2], err;
	char byte;

	if (pipe2(go, O_CLOEXEC) < 0)
		return -errno;
	err = fork_tracer(timeout_ms, go);
	close(go[1]);
	/* The tracer's end closes the pipe: the wait is as long as its start. */
	if (!err)
		read(go[0], &byte, 1);
	close(go[0]);
	return err;
}

int main(int argc, char **argv)
{
	char *end;
	long timeout_ms = argc < 3 ? 0 : strtol(argv[1], &end, 10);
	int err;

	if (argc < 3 || *end != '\0' || timeout_ms < 1 || timeout_ms > MAX_TIMEOUT_MS ||
	    fcntl(REPORT_FD, F_SETFD, FD_CLOEXEC) < 0) {
		fprintf(stderr, "usage: watchdog TIMEOUT_MS (1 to %d) PROGRAM [ARGUMENT...] %d>REPORT\n",
			MAX_TIMEOUT_MS, REPORT_FD);
		return EXIT_USAGE;
	}
	err = start_tracer((uint32_t)timeout_ms);
	if (err)
		report("failed start: %s\n", strerror(-err));
	execv(argv[2], argv + 2);
	fprintf(stderr, "watchdog: cannot execute %s: %s\n", argv[2], strerror(errno));
	return errno == ENOENT ? EXIT_ABSENT : EXIT_NOT_EXECUTABLE;
}
