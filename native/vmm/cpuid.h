#ifndef VMM_CPUID_H
#define VMM_CPUID_H

#include "topology.h"

#include <linux/kvm.h>

/* How many entries more than it has there must be room for in an array given to cpuid_patch(). */
#define CPUID_SPARE_ENTRIES 16

/*
 * Makes what KVM_GET_SUPPORTED_CPUID told into what one CPU of the topology reports; the vendor is the one in leaf 0.
 * The order of the entries is not kept. What the leaves must satisfy: Linux, arch/x86/kernel/cpu/topology_ext.c,
 * topology_amd.c and cacheinfo.c.
 */
void cpuid_patch(const struct vmm_topology *topology, uint32_t cpu, struct kvm_cpuid2 *cpuid);

#endif
