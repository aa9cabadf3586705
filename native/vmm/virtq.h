#ifndef VMM_VIRTQ_H
#define VMM_VIRTQ_H

#include "memory.h"

#include <stdbool.h>
#include <sys/uio.h>

#define VIRTQ_MAX_SIZE 256

/* A split queue of virtio 1.2, section 2.7. Everything in it but `next` and `used` was said by the guest. */
struct virtq {
	uint32_t size;
	bool ready;
	uint64_t desc, avail, used_ring;
	/* Next entry of the available ring to take, and of the used ring to fill. */
	uint16_t next, used;
};

/* One request: buffers that the device reads, then those that it writes. */
struct virtq_chain {
	uint16_t head;
	uint16_t readable, writable;
	struct iovec buffers[VIRTQ_MAX_SIZE];
};

void virtq_reset(struct virtq *queue);

/*
 * Takes the next request. Returns 1, 0 when there is none, or -EPROTO when the guest broke the rules: a ring or a
 * buffer outside RAM, an index or a chain longer than the queue, a loop, an indirect table.
 */
int virtq_pop(struct virtq *queue, const struct memory *memory, struct virtq_chain *chain);

/* Gives a request back with the number of bytes written to it. Returns 0 or -EPROTO. */
int virtq_push(struct virtq *queue, const struct memory *memory, uint16_t head, uint32_t written);

/* False when the guest asked not to be interrupted. */
bool virtq_wants_interrupt(const struct virtq *queue, const struct memory *memory);

#endif
