/* How a seed perturbs a run on purpose: each worker begins a little later than the start signal, by its own amount. */
#ifndef KTSTR_START_OFFSET_H
#define KTSTR_START_OFFSET_H

#include <stdint.h>

#define MAX_START_OFFSET_NS 1000000ULL

/* The finalizer of SplitMix64: every input bit reaches every output bit. */
static inline uint64_t mix64(uint64_t x)
{
	x += 0x9e3779b97f4a7c15ULL;
	x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9ULL;
	x = (x ^ (x >> 27)) * 0x94d049bb133111ebULL;
	return x ^ (x >> 31);
}

/* From 0 up to and including MAX_START_OFFSET_NS. */
static inline uint64_t start_offset_ns(uint64_t seed, uint32_t group, uint32_t index)
{
	return mix64(mix64(seed) ^ ((uint64_t)group << 32 | index)) % (MAX_START_OFFSET_NS + 1);
}

#endif
