#ifndef VMM_CPUID_AMD_H
#define VMM_CPUID_AMD_H

#include "topology.h"

#include <linux/kvm.h>

/* The leaves that AMD's CPUs (and Hygon's) report their topology in, besides those of all. */
void cpuid_patch_amd(const struct vmm_topology *topology, uint32_t cpu, struct kvm_cpuid2 *cpuid);

#endif
