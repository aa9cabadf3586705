/* What the host's scheduler gave to threads and made them wait for: Documentation/scheduler/sched-stats.rst. */
#include "threads.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

int threads_init(struct threads *threads, const struct monitor_thread *list, uint32_t count,
		 struct monitor_error *error)
{
	*threads = (struct threads){ 0 };
	if (count == 0)
		return 0;
	threads->fds = calloc(count, sizeof(*threads->fds));
	if (!threads->fds)
		return monitor_fail(error, ENOMEM, "threads", "calloc", "%u threads", count);
	for (; threads->count < count; threads->count++) {
		const struct monitor_thread *thread = &list[threads->count];
		char path[64];
		int fd;

		snprintf(path, sizeof(path), "/proc/%u/task/%u/schedstat", thread->pid, thread->tid);
		fd = open(path, O_RDONLY | O_CLOEXEC);
		if (fd < 0 && errno != ENOENT && errno != ESRCH) {
			int err = monitor_fail(error, errno, "threads", "open", "%s", path);

			threads_deinit(threads);
			return err;
		}
		threads->fds[threads->count] = fd;
	}
	return 0;
}

void threads_deinit(struct threads *threads)
{
	for (uint32_t i = 0; i < threads->count; i++) {
		if (threads->fds[i] >= 0)
			close(threads->fds[i]);
	}
	free(threads->fds);
	*threads = (struct threads){ 0 };
}

static struct monitor_reading read_one(int fd)
{
	struct monitor_reading reading = { 0 };
	char line[80];
	char *rest;
	ssize_t got;

	if (fd < 0)
		return reading;
	got = pread(fd, line, sizeof(line) - 1, 0);
	if (got <= 0)
		return reading;
	line[got] = '\0';
	reading.cpu_ns = strtoull(line, &rest, 10);
	reading.run_delay_ns = strtoull(rest, NULL, 10);
	reading.known = 1;
	return reading;
}

void threads_read(const struct threads *threads, struct monitor_reading *readings)
{
	for (uint32_t i = 0; i < threads->count; i++)
		readings[i] = read_one(threads->fds[i]);
}
