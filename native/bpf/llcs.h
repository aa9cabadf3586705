/* SPDX-License-Identifier: (MIT OR GPL-2.0) */
#ifndef KTSTR_BPF_LLCS_H
#define KTSTR_BPF_LLCS_H

#include <stdint.h>

#include "limits.h"

/* Which CPUs share a last-level cache. */
struct llcs {
	/* One more than the highest number of a possible CPU. */
	uint32_t nr_cpus;
	uint32_t nr_llcs;
	/* By CPU, numbered from 0 in the order of their first CPU; 0 for a CPU that is offline. */
	uint32_t of_cpu[MAX_CPUS];
};

/*
 * Reads sysfs. A CPU whose caches are not described counts its package as the cache.
 * Returns 0, or -1 after a line on stderr when sysfs cannot be read or says more CPUs or caches than the scheduler has
 * room for.
 */
int read_llcs(struct llcs *llcs);

#endif
