#ifndef VMM_CPUID_CACHES_H
#define VMM_CPUID_CACHES_H

#include "topology.h"

#include <linux/kvm.h>

#define LEAF_CACHES_INTEL 0x4
#define LEAF_CACHES_AMD 0x8000001d

/*
 * Says in leaf 4 or 0x8000001D, which have one format, who shares the host's caches: those of level 1 and 2 the threads
 * of a core, those above all CPUs of the LLC. Caches that the host does not tell of are made up, the L3 as the last.
 */
void cpuid_patch_caches(const struct vmm_topology *topology, struct kvm_cpuid2 *cpuid, uint32_t function);

/* EDX of leaf 0x80000006, for an L3 that was made up. */
uint32_t cpuid_made_up_l3(void);

#endif
