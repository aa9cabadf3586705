#ifndef VMM_DEBUG_REGISTERS_H
#define VMM_DEBUG_REGISTERS_H

#include <stdint.h>

#define DEBUG_SLOTS 4

/* A write watchpoint on 1, 2, 4 or 8 bytes at an address that is a multiple of that; none when `bytes` is 0. */
struct watch {
	uint64_t address;
	uint32_t bytes;
	uint32_t pauses;
};

/* Fills what DR0 to DR3 and DR7 are to hold. Returns the number of watchpoints. */
uint32_t debug_registers_fill(const struct watch watches[DEBUG_SLOTS], uint64_t registers[8]);

/* Bits, one per slot, of the watchpoints that DR6 tells of. */
uint32_t debug_registers_hits(const struct watch watches[DEBUG_SLOTS], uint64_t dr6);

#endif
