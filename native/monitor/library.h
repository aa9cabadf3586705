#ifndef MONITOR_LIBRARY_H
#define MONITOR_LIBRARY_H

#include "walk.h"

/* Guest memory and its addresses; shared by its owner and its samplers. */
struct monitor {
	_Atomic uint32_t owners;
	uint32_t tlb_ms;
	struct ram ram;
	struct address_space space;
	/* Of one-off reads, flushed before each. */
	struct tlb tlb;
};

void monitor_hold(struct monitor *monitor);
void monitor_release(struct monitor *monitor);

#endif
