#ifndef MONITOR_THREADS_H
#define MONITOR_THREADS_H

#include "error.h"

/* Open schedstat files of host threads, by descriptor; -1 where the thread was gone. */
struct threads {
	uint32_t count;
	int *fds;
};

int threads_init(struct threads *threads, const struct monitor_thread *list, uint32_t count,
		 struct monitor_error *error);
void threads_deinit(struct threads *threads);

void threads_read(const struct threads *threads, struct monitor_reading *readings);

#endif
