#ifndef VMM_CPUID_ENTRIES_H
#define VMM_CPUID_ENTRIES_H

#include <linux/kvm.h>
#include <stdbool.h>
#include <stdint.h>

/* Bits [high:low] of a register replaced by a value that fits in them. */
static inline uint32_t with_bits(uint32_t value, uint32_t high, uint32_t low, uint32_t field)
{
	uint32_t mask = (uint32_t)((1ULL << (high - low + 1)) - 1) << low;

	return (value & ~mask) | (field << low & mask);
}

/* NULL when there is none. */
struct kvm_cpuid_entry2 *cpuid_find(struct kvm_cpuid2 *cpuid, uint32_t function, uint32_t index);

/* The entry of a function without subleaves, made if there is none. */
struct kvm_cpuid_entry2 *cpuid_have(struct kvm_cpuid2 *cpuid, uint32_t function);

/* Takes all subleaves of a function away. */
void cpuid_drop(struct kvm_cpuid2 *cpuid, uint32_t function);

/* Appends a copy, as a subleaf of its function. */
void cpuid_add_subleaf(struct kvm_cpuid2 *cpuid, const struct kvm_cpuid_entry2 *entry);

#endif
