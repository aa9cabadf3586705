#ifndef KTSTR_TRACE_H
#define KTSTR_TRACE_H

#include "ops_layout.h"

#include <stdint.h>
#include <sys/types.h>

struct trace {
	/* All tasks that are followed are its threads. */
	pid_t process;
	struct ops_layout layout;
	uint32_t limit_ms;
	/* What the scheduler had asked for; 0: the kernel's default. */
	uint32_t asked_ms;
	/* The system call that failed, for the message. */
	const char *failed_call;
};

/* Takes hold of a process that waits. It goes on, and stops at each of its system calls. Returns 0, or -errno. */
int trace_begin(struct trace *trace);

/*
 * Follows the process with all its threads until it hands a sched_ext scheduler to the kernel, and puts the limit in.
 * That is its first hand-over: one that it makes later, as a scheduler that restarts itself does, keeps its own limit.
 * Returns 0, -ESRCH when the process ended before, or another -errno. The process is let go when the caller ends.
 */
int trace_until_set(struct trace *trace);

#endif
