#include "cpuid_amd.h"
#include "cpuid_caches.h"
#include "cpuid_entries.h"

#include <stdbool.h>

#define LEAF_EXTENDED_MAX 0x80000000
#define LEAF_EXTENDED_FEATURES 0x80000001
#define LEAF_L2_L3 0x80000006
#define LEAF_SIZES 0x80000008
#define LEAF_TOPOLOGY 0x8000001e

#define CMP_LEGACY (1U << 1)
#define TOPOEXT (1U << 22)

/* Whether Linux takes an LLC to be a window of eight APIC ids: of family 17h to model 0x1f, and of Hygon. */
static bool has_windows_of_eight(struct kvm_cpuid2 *cpuid)
{
	const uint32_t hygon_part = 0x6f677948;
	uint32_t signature = cpuid_have(cpuid, 1)->eax;
	uint32_t family = (signature >> 8 & 0xf) + (signature >> 20 & 0xff), extended_model = signature >> 16 & 0xf;

	return cpuid_have(cpuid, 0)->ebx == hygon_part || (family == 0x17 && extended_model < 2);
}

/* Without an L3 in this leaf Linux takes the package for the LLC, which it is. With one, it goes by the CPU. */
static void patch_l3_size(struct kvm_cpuid2 *cpuid)
{
	struct kvm_cpuid_entry2 *entry = cpuid_have(cpuid, LEAF_L2_L3);

	if (has_windows_of_eight(cpuid))
		entry->edx = 0;
	else if (!entry->edx)
		entry->edx = cpuid_made_up_l3();
}

static void patch_sizes(const struct vmm_topology *topology, struct kvm_cpuid2 *cpuid)
{
	struct kvm_cpuid_entry2 *entry = cpuid_have(cpuid, LEAF_SIZES);

	entry->ecx = with_bits(entry->ecx, 7, 0, topology->cores * topology->threads - 1);
	entry->ecx = with_bits(entry->ecx, 15, 12, vmm_llc_bits(topology));
}

static void patch_topology(const struct vmm_topology *topology, uint32_t cpu, struct kvm_cpuid2 *cpuid)
{
	struct kvm_cpuid_entry2 *entry = cpuid_have(cpuid, LEAF_TOPOLOGY);

	entry->eax = vmm_apic_id_of(topology, cpu);
	entry->ebx = cpu / topology->threads % topology->cores | (topology->threads - 1) << 8;
	/* A package is one node of AMD's kind, whatever NUMA node it is in: families before 17h take it for the LLC. */
	entry->ecx = vmm_llc_of_cpu(topology, cpu);
	entry->edx = 0;
}

void cpuid_patch_amd(const struct vmm_topology *topology, uint32_t cpu, struct kvm_cpuid2 *cpuid)
{
	struct kvm_cpuid_entry2 *max = cpuid_have(cpuid, LEAF_EXTENDED_MAX);
	struct kvm_cpuid_entry2 *features;

	if (max->eax < LEAF_TOPOLOGY)
		max->eax = LEAF_TOPOLOGY;
	features = cpuid_have(cpuid, LEAF_EXTENDED_FEATURES);
	features->ecx |= TOPOEXT;
	features->ecx =
		topology->cores * topology->threads > 1 ? features->ecx | CMP_LEGACY : features->ecx & ~CMP_LEGACY;
	cpuid_patch_caches(topology, cpuid, LEAF_CACHES_AMD);
	patch_l3_size(cpuid);
	patch_sizes(topology, cpuid);
	patch_topology(topology, cpu, cpuid);
}
