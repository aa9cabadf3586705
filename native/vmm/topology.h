#ifndef VMM_TOPOLOGY_H
#define VMM_TOPOLOGY_H

#include <stdint.h>

/* `llcs` is the machine total; cores are per LLC, threads per core. */
struct vmm_topology {
	uint32_t numa_nodes, llcs, cores, threads;
};

/* Cpus are numbered by LLC, then by core, then by thread; ids leave gaps where a count is no power of two. */
uint32_t apic_id_of(const struct vmm_topology *topology, uint32_t cpu);

#endif
