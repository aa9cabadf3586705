#include "schedstat.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

void schedstat_read(struct schedstat *stat)
{
	char text[96], *next = text;
	int fd = open("/proc/self/schedstat", O_RDONLY | O_CLOEXEC);
	ssize_t length;

	memset(stat, 0, sizeof(*stat));
	if (fd < 0)
		return;
	length = read(fd, text, sizeof(text) - 1);
	close(fd);
	if (length <= 0)
		return;
	text[length] = '\0';
	stat->cpu_time_ns = strtoull(next, &next, 10);
	stat->run_delay_ns = strtoull(next, &next, 10);
	stat->run_count = strtoull(next, &next, 10);
}
