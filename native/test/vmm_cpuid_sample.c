/*
 * vmm_cpuid_sample NODES LLCS CORES THREADS LLC_BITS, with the CPUID of a host on stdin: seven hexadecimal numbers in a
 * line, "function index flags eax ebx ecx edx". Prints the same for each CPU, after what the topology tells of it.
 */
#include "../vmm/cpuid.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MAX_HOST_ENTRIES 128
#define USAGE_ERROR 2

struct list {
	struct kvm_cpuid2 head;
	struct kvm_cpuid_entry2 entries[MAX_HOST_ENTRIES + CPUID_SPARE_ENTRIES];
};

static uint32_t read_entries(struct kvm_cpuid_entry2 *entries)
{
	uint32_t count = 0;

	for (; count < MAX_HOST_ENTRIES; count++) {
		struct kvm_cpuid_entry2 *e = &entries[count];

		*e = (struct kvm_cpuid_entry2){ 0 };
		if (scanf("%x %x %x %x %x %x %x", &e->function, &e->index, &e->flags, &e->eax, &e->ebx, &e->ecx,
			  &e->edx) != 7)
			break;
	}
	return count;
}

static void print_cpu(const struct vmm_topology *topology, uint32_t cpu, const struct kvm_cpuid2 *cpuid)
{
	printf("%s{\"apicId\":%u,\"node\":%u,\"entries\":[", cpu ? "," : "", vmm_apic_id_of(topology, cpu),
	       vmm_node_of_cpu(topology, cpu));
	for (uint32_t i = 0; i < cpuid->nent; i++) {
		const struct kvm_cpuid_entry2 *e = &cpuid->entries[i];

		printf("%s[%u,%u,%u,%u,%u,%u,%u]", i ? "," : "", e->function, e->index, e->flags, e->eax, e->ebx,
		       e->ecx, e->edx);
	}
	printf("]}");
}

int main(int argc, char *argv[])
{
	static struct kvm_cpuid_entry2 host[MAX_HOST_ENTRIES];
	static struct list list;
	struct vmm_topology topology;
	uint32_t count;

	if (argc != 6)
		return USAGE_ERROR;
	topology = (struct vmm_topology){ (uint32_t)strtoul(argv[1], NULL, 10), (uint32_t)strtoul(argv[2], NULL, 10),
					  (uint32_t)strtoul(argv[3], NULL, 10), (uint32_t)strtoul(argv[4], NULL, 10),
					  (uint32_t)strtoul(argv[5], NULL, 10) };
	if (vmm_topology_check(&topology)) {
		puts("null");
		return 0;
	}
	count = read_entries(host);
	printf("{\"maxApicId\":%u,\"cpus\":[", vmm_max_apic_id(&topology));
	for (uint32_t cpu = 0; cpu < vmm_cpus(&topology); cpu++) {
		list.head.nent = count;
		memcpy(list.head.entries, host, count * sizeof(host[0]));
		cpuid_patch(&topology, cpu, &list.head);
		print_cpu(&topology, cpu, &list.head);
	}
	puts("]}");
	return 0;
}
