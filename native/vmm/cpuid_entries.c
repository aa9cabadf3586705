#include "cpuid_entries.h"

#include <stddef.h>

struct kvm_cpuid_entry2 *cpuid_find(struct kvm_cpuid2 *cpuid, uint32_t function, uint32_t index)
{
	for (uint32_t i = 0; i < cpuid->nent; i++) {
		struct kvm_cpuid_entry2 *entry = &cpuid->entries[i];

		if (entry->function == function && entry->index == index)
			return entry;
	}
	return NULL;
}

struct kvm_cpuid_entry2 *cpuid_have(struct kvm_cpuid2 *cpuid, uint32_t function)
{
	struct kvm_cpuid_entry2 *entry = cpuid_find(cpuid, function, 0);

	if (!entry) {
		entry = &cpuid->entries[cpuid->nent++];
		*entry = (struct kvm_cpuid_entry2){ .function = function };
	}
	return entry;
}

void cpuid_drop(struct kvm_cpuid2 *cpuid, uint32_t function)
{
	uint32_t kept = 0;

	for (uint32_t i = 0; i < cpuid->nent; i++) {
		if (cpuid->entries[i].function != function)
			cpuid->entries[kept++] = cpuid->entries[i];
	}
	cpuid->nent = kept;
}

void cpuid_add_subleaf(struct kvm_cpuid2 *cpuid, const struct kvm_cpuid_entry2 *entry)
{
	struct kvm_cpuid_entry2 *added = &cpuid->entries[cpuid->nent++];

	*added = *entry;
	added->flags = KVM_CPUID_FLAG_SIGNIFCANT_INDEX;
}
