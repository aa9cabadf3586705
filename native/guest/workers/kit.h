/*
 * The worker kit: one process that forks workers on command and collects what they measured. Commands come as lines on
 * stdin, replies go as lines to stdout:
 *
 *   group <id> <cgroup folder or -> <count> <work type> <seed>
 *   spawn        worker <group> <index> <pid> for each, then ready
 *   start        started <CLOCK_MONOTONIC ns>
 *   iterations   iterations <sum>
 *   stop         reports <count> <bytes each>, then that many struct worker_report, by group and index
 *   quit         as the end of stdin: kills and reaps everything, exits with 0
 *
 * Unasked come `died <group> <index> <wait status>` for a worker that ended before it was told to, and
 * `error <what> <errno> <text>` for what did not work.
 */
#ifndef KTSTR_KIT_H
#define KTSTR_KIT_H

#include "control.h"
#include "work_types.h"

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

/* A worker as the kit sees it. */
struct member {
	pid_t pid; /* 0 before it is spawned */
	bool alive;
	bool overdue; /* killed because it did not stop in time */
};

/* Workers that do the same thing in the same cgroup. */
struct group {
	struct group *next;
	uint32_t id;
	char *cgroup; /* folder, or NULL: where the kit is */
	const struct work_type *type;
	uint64_t seed;
	uint32_t count;
	uint32_t release;          /* the value of control.released that starts it; 0 before it is spawned */
	struct worker_slot *slots; /* `count`, shared with the workers */
	struct member *members;    /* `count` */
};

struct kit {
	int signals; /* signalfd of SIGCHLD */
	struct control *control;
	struct group *groups; /* in the order of declaration */
	bool stopping;
};

/* Returns 0, or -errno. */
int kit_init(struct kit *kit);

#endif
