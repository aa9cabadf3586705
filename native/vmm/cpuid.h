#ifndef VMM_CPUID_H
#define VMM_CPUID_H

#include "topology.h"

#include <linux/kvm.h>

/* Makes KVM's supported table that of one cpu of the topology. There must be room for 16 more entries. */
void cpuid_patch(const struct vmm_topology *topology, uint32_t cpu, struct kvm_cpuid2 *table);

#endif
