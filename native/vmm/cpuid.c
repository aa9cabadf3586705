#include "cpuid.h"

#define APIC_ID_SHIFT 24

void cpuid_patch(const struct vmm_topology *topology, uint32_t cpu, struct kvm_cpuid2 *table)
{
	uint32_t id = apic_id_of(topology, cpu);

	for (uint32_t i = 0; i < table->nent; i++) {
		struct kvm_cpuid_entry2 *entry = &table->entries[i];

		if (entry->function == 1)
			entry->ebx = (entry->ebx & 0x00ffffff) | id << APIC_ID_SHIFT;
		if (entry->function == 0xb || entry->function == 0x1f)
			entry->edx = id;
	}
}
