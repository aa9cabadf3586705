#ifndef MONITOR_MEMORY_H
#define MONITOR_MEMORY_H

#include "error.h"

#include <stddef.h>

#define PAGE_BYTES 4096ULL

struct ram_range {
	uint64_t gpa, bytes;
	const uint8_t *base;
	/* NULL when the memory is the user's. */
	void *mapping;
};

/* Guest RAM as this process sees it; ranges ascend and do not overlap. */
struct ram {
	uint32_t count;
	struct ram_range ranges[MONITOR_MAX_RANGES];
};

int ram_init(struct ram *ram, const struct monitor_range *ranges, uint32_t count, struct monitor_error *error);
void ram_deinit(struct ram *ram);

/* Where `gpa` is and how many bytes follow in its range, or NULL when it is not RAM. */
const uint8_t *ram_at(const struct ram *ram, uint64_t gpa, uint64_t *available);

/* Returns 0, or -EFAULT when a part of the range is not RAM. */
int ram_read(const struct ram *ram, uint64_t gpa, void *out, uint64_t length);

/*
 * Copies up to `length` of the `available` bytes, which the guest may write at the same time; an aligned word of 2, 4
 * or 8 bytes is never torn. Returns how many.
 */
uint64_t ram_copy(void *out, const uint8_t *from, uint64_t available, uint64_t length);

#endif
