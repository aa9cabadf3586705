/* Node's inspector: a WebSocket that speaks the Chrome DevTools Protocol. */
#ifndef KTSTR_INSPECTOR_H
#define KTSTR_INSPECTOR_H

#include "stream.h"

#include <sys/types.h>

/*
 * Connects to the inspector that a process is about to open, trying until the deadline. Meanwhile that process's other
 * threads are lifted above its main thread: a main thread that spins in SCHED_FIFO would keep the inspector off its
 * CPU. Returns 0 and a stream ready for messages, or -errno.
 */
int inspector_connect(struct stream *stream, pid_t pid, uint16_t port, uint64_t deadline_ns);

#endif
