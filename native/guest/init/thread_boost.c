#include "thread_boost.h"
#include "../priorities.h"

#include <dirent.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>

void boost_threads(pid_t pid)
{
	const struct sched_param param = { .sched_priority = RESCUED_THREAD_PRIORITY };
	struct dirent *entry;
	char path[32];
	DIR *threads;

	snprintf(path, sizeof(path), "/proc/%d/task", pid);
	threads = opendir(path);
	if (threads == NULL)
		return;
	while ((entry = readdir(threads)) != NULL) {
		pid_t tid = (pid_t)strtol(entry->d_name, NULL, 10);

		if (tid > 0 && tid != pid)
			sched_setscheduler(tid, SCHED_FIFO, &param);
	}
	closedir(threads);
}
