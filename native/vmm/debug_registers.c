/* Intel SDM volume 3, section 18.2. */
#include "debug_registers.h"

#define DR7_EXACT 0x300
#define DR7_RESERVED 0x400
#define DR7_GLOBAL(slot) (2u << 2 * (slot))
#define DR7_ON_WRITE(slot) (1u << (16 + 4 * (slot)))
#define DR7_LENGTH(slot, code) ((code) << (18 + 4 * (slot)))

/* 8 bytes came last, and have the code between those of 2 and 4. */
static uint32_t length_code(uint32_t bytes)
{
	return bytes == 8 ? 2 : bytes - 1;
}

uint32_t debug_registers_fill(const struct watch watches[DEBUG_SLOTS], uint64_t registers[8])
{
	uint32_t count = 0;

	registers[7] = DR7_RESERVED | DR7_EXACT;
	for (uint32_t slot = 0; slot < DEBUG_SLOTS; slot++) {
		registers[slot] = watches[slot].address;
		if (watches[slot].bytes == 0)
			continue;
		registers[7] |=
			DR7_GLOBAL(slot) | DR7_ON_WRITE(slot) | DR7_LENGTH(slot, length_code(watches[slot].bytes));
		count++;
	}
	return count;
}

uint32_t debug_registers_hits(const struct watch watches[DEBUG_SLOTS], uint64_t dr6)
{
	uint32_t hits = 0;

	/* The bit of a slot that is off may be set as well. */
	for (uint32_t slot = 0; slot < DEBUG_SLOTS; slot++)
		if (watches[slot].bytes > 0 && (dr6 >> slot & 1))
			hits |= 1u << slot;
	return hits;
}
