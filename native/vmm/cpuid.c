#include "cpuid.h"
#include "cpuid_amd.h"
#include "cpuid_caches.h"
#include "cpuid_entries.h"

#include <string.h>

#define LEAF_FEATURES 0x1
#define LEAF_PMU 0xa
#define LEAF_TOPOLOGY 0xb
#define LEAF_TOPOLOGY_V2 0x1f
#define LEAF_EXTENDED_MAX 0x80000000
#define LEAF_TOPOLOGY_AMD 0x80000026

#define HTT (1U << 28)
/* Level types, the same in all three leaves. */
#define SMT_LEVEL 1
#define CORE_LEVEL 2

static bool is_amd(const struct kvm_cpuid_entry2 *vendor)
{
	char name[12];

	memcpy(name, &vendor->ebx, 4);
	memcpy(name + 4, &vendor->edx, 4);
	memcpy(name + 8, &vendor->ecx, 4);
	return !memcmp(name, "AuthenticAMD", 12) || !memcmp(name, "HygonGenuine", 12);
}

static void patch_features(const struct vmm_topology *topology, uint32_t cpu, struct kvm_cpuid2 *cpuid)
{
	struct kvm_cpuid_entry2 *entry = cpuid_have(cpuid, LEAF_FEATURES);
	uint32_t logical = topology->cores * topology->threads;

	/* Eight bits of the id; who has more reads them in leaf 0xB. */
	entry->ebx = with_bits(entry->ebx, 31, 24, vmm_apic_id_of(topology, cpu) & 0xff);
	entry->ebx = with_bits(entry->ebx, 23, 16, logical);
	entry->edx = logical > 1 ? entry->edx | HTT : entry->edx & ~HTT;
}

/* Levels of SMT and core, then the level that ends the list. A level's shift leads past it, to the next one's id. */
static void patch_topology_leaf(const struct vmm_topology *topology, uint32_t cpu, struct kvm_cpuid2 *cpuid,
				uint32_t function)
{
	const struct kvm_cpuid_entry2 levels[] = {
		{ .eax = vmm_thread_bits(topology), .ebx = topology->threads, .ecx = SMT_LEVEL << 8 },
		{ .eax = vmm_llc_bits(topology), .ebx = topology->cores * topology->threads, .ecx = CORE_LEVEL << 8 },
		{ .eax = 0 },
	};

	cpuid_drop(cpuid, function);
	for (uint32_t i = 0; i < sizeof(levels) / sizeof(levels[0]); i++) {
		struct kvm_cpuid_entry2 level = levels[i];

		level.function = function;
		level.index = i;
		level.ecx |= i;
		level.edx = vmm_apic_id_of(topology, cpu);
		cpuid_add_subleaf(cpuid, &level);
	}
}

static void clear_pmu(struct kvm_cpuid2 *cpuid)
{
	struct kvm_cpuid_entry2 *pmu = cpuid_find(cpuid, LEAF_PMU, 0);

	if (pmu)
		pmu->eax = pmu->ebx = pmu->ecx = pmu->edx = 0;
}

void cpuid_patch(const struct vmm_topology *topology, uint32_t cpu, struct kvm_cpuid2 *cpuid)
{
	struct kvm_cpuid_entry2 *vendor = cpuid_have(cpuid, 0);
	const struct kvm_cpuid_entry2 *extended = cpuid_find(cpuid, LEAF_EXTENDED_MAX, 0);
	bool amd = is_amd(vendor), has_v2 = !amd && vendor->eax >= LEAF_TOPOLOGY_V2;
	bool has_amd_leaf = amd && extended && extended->eax >= LEAF_TOPOLOGY_AMD;

	if (vendor->eax < LEAF_TOPOLOGY)
		vendor->eax = LEAF_TOPOLOGY;
	patch_features(topology, cpu, cpuid);
	clear_pmu(cpuid);
	patch_topology_leaf(topology, cpu, cpuid, LEAF_TOPOLOGY);
	/* Leaves that the CPU says it does not have stay away; AMD's has one of its own for 0x1F. */
	cpuid_drop(cpuid, LEAF_TOPOLOGY_V2);
	if (has_v2)
		patch_topology_leaf(topology, cpu, cpuid, LEAF_TOPOLOGY_V2);
	if (has_amd_leaf)
		patch_topology_leaf(topology, cpu, cpuid, LEAF_TOPOLOGY_AMD);
	if (amd)
		cpuid_patch_amd(topology, cpu, cpuid);
	else
		cpuid_patch_caches(topology, cpuid, LEAF_CACHES_INTEL);
}
