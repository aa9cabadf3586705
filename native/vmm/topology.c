#include "topology.h"

static uint32_t bits_for(uint32_t count)
{
	uint32_t bits = 0;

	while (1u << bits < count)
		bits++;
	return bits;
}

uint32_t apic_id_of(const struct vmm_topology *topology, uint32_t cpu)
{
	uint32_t thread = cpu % topology->threads;
	uint32_t core = cpu / topology->threads % topology->cores;
	uint32_t llc = cpu / topology->threads / topology->cores;
	uint32_t thread_bits = bits_for(topology->threads);

	return llc << (thread_bits + bits_for(topology->cores)) | core << thread_bits | thread;
}
