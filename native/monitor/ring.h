#ifndef MONITOR_RING_H
#define MONITOR_RING_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

/* Records from one thread to another. When it is full, the newest is dropped. */
struct ring {
	uint8_t *slots;
	uint32_t record_bytes, capacity;
	_Atomic uint64_t written, read;
	_Atomic uint64_t dropped;
	/* Set when the reader was told that it is half full, until the reader took something. */
	atomic_bool told;
};

/* Returns 0 or -ENOMEM. */
int ring_init(struct ring *ring, uint32_t record_bytes, uint32_t capacity);
void ring_deinit(struct ring *ring);

/* True when the reader is to be told that the ring is half full. */
bool ring_push(struct ring *ring, const void *record);

/* Takes the oldest records, at most `limit`. Returns their number. */
uint32_t ring_drain(struct ring *ring, void *out, uint64_t limit);

#endif
