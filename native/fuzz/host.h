#ifndef FUZZ_HOST_H
#define FUZZ_HOST_H

#include "irq.h"

#include <stddef.h>

/* A device's interrupt and line, as their other ends see them. */
struct host {
	uint32_t irq_level;
	uint64_t writes;
	/* Of the last write. */
	size_t length;
	uint8_t first, last;
	/* Called on each write. May be NULL. */
	void (*on_write)(const void *bytes, size_t length);
};

extern struct host host;

#define HOST_FD 1000

#endif
