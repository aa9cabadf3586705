#include "ring.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

int ring_init(struct ring *ring, uint32_t record_bytes, uint32_t capacity)
{
	memset(ring, 0, sizeof(*ring));
	ring->record_bytes = record_bytes;
	ring->capacity = capacity;
	ring->slots = calloc(capacity, record_bytes);
	return ring->slots ? 0 : -ENOMEM;
}

void ring_deinit(struct ring *ring)
{
	free(ring->slots);
	ring->slots = NULL;
}

static uint8_t *slot(struct ring *ring, uint64_t number)
{
	return ring->slots + number % ring->capacity * ring->record_bytes;
}

bool ring_push(struct ring *ring, const void *record)
{
	uint64_t written = atomic_load_explicit(&ring->written, memory_order_relaxed);
	uint64_t held = written - atomic_load_explicit(&ring->read, memory_order_acquire);

	if (held == ring->capacity) {
		atomic_fetch_add_explicit(&ring->dropped, 1, memory_order_relaxed);
		return false;
	}
	memcpy(slot(ring, written), record, ring->record_bytes);
	/*
	 * One order for all: either this push finds the news taken and tells again, or the drain that takes them finds
	 * this record.
	 */
	atomic_store(&ring->written, written + 1);
	return (held + 1) * 2 >= ring->capacity && !atomic_exchange(&ring->told, true);
}

uint32_t ring_drain(struct ring *ring, void *out, uint64_t limit)
{
	uint64_t read = atomic_load_explicit(&ring->read, memory_order_relaxed);
	uint64_t held;
	uint8_t *to = out;

	/* Before the count is taken: news of a record that comes later is never lost. */
	atomic_store(&ring->told, false);
	held = atomic_load(&ring->written) - read;
	if (held > limit)
		held = limit;
	for (uint64_t i = 0; i < held; i++)
		memcpy(to + i * ring->record_bytes, slot(ring, read + i), ring->record_bytes);
	atomic_store_explicit(&ring->read, read + held, memory_order_release);
	return (uint32_t)held;
}
