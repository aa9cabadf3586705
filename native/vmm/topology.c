#include "topology.h"

#include <errno.h>

int vmm_topology_check(const struct vmm_topology *topology)
{
	const struct vmm_topology *t = topology;

	if (!t->numa_nodes || !t->llcs || !t->cores || !t->threads)
		return -EINVAL;
	if (t->numa_nodes > VMM_MAX_NODES || t->threads > VMM_MAX_THREADS || t->llcs % t->numa_nodes)
		return -EINVAL;
	/* Bounded one by one first, so that the product does not overflow. */
	if (t->llcs > VMM_MAX_CPUS || t->cores > VMM_MAX_CPUS)
		return -EINVAL;
	if (vmm_cpus(t) > VMM_MAX_CPUS || t->min_llc_bits > VMM_MAX_LLC_BITS)
		return -EINVAL;
	return vmm_max_apic_id(t) > VMM_MAX_APIC_ID ? -EINVAL : 0;
}

uint32_t vmm_cpus(const struct vmm_topology *topology)
{
	return topology->llcs * topology->cores * topology->threads;
}

/* Bits that hold the numbers below `count`. */
static uint32_t width_of(uint32_t count)
{
	return count > 1 ? 32 - (uint32_t)__builtin_clz(count - 1) : 0;
}

uint32_t vmm_thread_bits(const struct vmm_topology *topology)
{
	return width_of(topology->threads);
}

uint32_t vmm_llc_bits(const struct vmm_topology *topology)
{
	uint32_t bits = width_of(topology->cores) + width_of(topology->threads);

	return bits < topology->min_llc_bits ? topology->min_llc_bits : bits;
}

uint32_t vmm_llc_of_cpu(const struct vmm_topology *topology, uint32_t cpu)
{
	return cpu / (topology->cores * topology->threads);
}

uint32_t vmm_apic_id_of(const struct vmm_topology *topology, uint32_t cpu)
{
	uint32_t core = cpu / topology->threads % topology->cores;
	uint32_t thread = cpu % topology->threads;

	return vmm_llc_of_cpu(topology, cpu) << vmm_llc_bits(topology) | core << vmm_thread_bits(topology) | thread;
}

uint32_t vmm_max_apic_id(const struct vmm_topology *topology)
{
	return vmm_apic_id_of(topology, vmm_cpus(topology) - 1);
}

uint32_t vmm_node_of_cpu(const struct vmm_topology *topology, uint32_t cpu)
{
	return vmm_llc_of_cpu(topology, cpu) / (topology->llcs / topology->numa_nodes);
}
