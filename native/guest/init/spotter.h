/*
 * Tells where a test body loops that never returns. Such a body cannot say it itself: its thread does nothing else any
 * more, so another process watches the time and asks Node's inspector.
 */
#ifndef KTSTR_SPOTTER_H
#define KTSTR_SPOTTER_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

struct spotter {
	int commands;         /* read end: lines `arm <ms>` and `disarm` */
	pid_t pid;            /* the Node process; SIGUSR1 opens its inspector */
	uint16_t port;        /* of the inspector, on 127.0.0.1 */
	int out;              /* where the `spin` and `fault` lines go */
	uint64_t patience_ns; /* for finding out, from the overrun on */
};

/*
 * Sleeps until an armed time has passed, then writes one line `spin <json>`: the top call frames of the main thread as
 * [{"f":function,"u":url,"l":line,"c":column}], lines and columns from 0. When that cannot be found out, a line `fault`
 * says why and the list is empty. Returns true after that, false when the command pipe has no writer any more.
 */
bool spotter_watch(const struct spotter *spotter);

#endif
