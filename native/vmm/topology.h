#ifndef VMM_TOPOLOGY_H
#define VMM_TOPOLOGY_H

#include <stdint.h>

#define VMM_MAX_CPUS 252
#define VMM_MAX_NODES 64
/* Of an SMT core; leaf 0x8000001E and every known CPU have room for these. */
#define VMM_MAX_THREADS 8
/* What an interrupt can be sent to without a remapping of interrupts: 15 bits. */
#define VMM_MAX_APIC_ID 0x7fff
/* Of the field for sharing in the leaves of caches. */
#define VMM_MAX_LLC_BITS 12

/*
 * Every LLC is a package of its own; nodes have equally many of them, in blocks. CPUs are numbered thread by thread,
 * core by core, LLC by LLC. `numa_nodes` counts the nodes with CPUs, which come first.
 */
struct vmm_topology {
	uint32_t numa_nodes;
	/* Of the whole machine. */
	uint32_t llcs;
	/* Per LLC. */
	uint32_t cores;
	/* Per core. */
	uint32_t threads;
	/* Of an APIC id below the LLC, when that is more than are needed; 0 for as few as there can be. */
	uint32_t min_llc_bits;
};

/* Returns 0 for a topology that the functions below take, or -EINVAL. */
int vmm_topology_check(const struct vmm_topology *topology);

uint32_t vmm_cpus(const struct vmm_topology *topology);

/*
 * Widths of the fields of an APIC id: that of the thread, and those of thread and core together, above which stands the
 * LLC. Linux takes ids apart by shifts that are the same for all CPUs, so ids have gaps where a count is not a power of
 * two.
 */
uint32_t vmm_thread_bits(const struct vmm_topology *topology);
uint32_t vmm_llc_bits(const struct vmm_topology *topology);

uint32_t vmm_apic_id_of(const struct vmm_topology *topology, uint32_t cpu);
uint32_t vmm_max_apic_id(const struct vmm_topology *topology);
uint32_t vmm_llc_of_cpu(const struct vmm_topology *topology, uint32_t cpu);
uint32_t vmm_node_of_cpu(const struct vmm_topology *topology, uint32_t cpu);

#endif
