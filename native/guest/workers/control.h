/* What the kit and its workers share. */
#ifndef KTSTR_CONTROL_H
#define KTSTR_CONTROL_H

#include "worker_report.h"

#include <stdalign.h>
#include <stdint.h>

#define CACHE_LINE 64

struct control {
	/* Futex: counts the starts. A worker begins when it reaches the value given to it. */
	alignas(CACHE_LINE) uint32_t released;
	/* Read by every worker in every iteration, written once. */
	alignas(CACHE_LINE) uint32_t stop;
};

struct worker_slot {
	/* Written by the kit before the release. 0 while not started. */
	alignas(CACHE_LINE) uint64_t start_ns;
	struct worker_report report;
};

#endif
