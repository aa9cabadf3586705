#include "virtq.h"

#include <errno.h>
#include <linux/virtio_ring.h>
#include <string.h>

#define RING_HEADER 4
#define USED_ENTRY 8

void virtq_reset(struct virtq *queue)
{
	*queue = (struct virtq){ .size = VIRTQ_MAX_SIZE };
}

/* The guest writes rings while they are read here, so each field is read once. */
static uint16_t load16(const void *at)
{
	return __atomic_load_n((const uint16_t *)at, __ATOMIC_ACQUIRE);
}

static const uint8_t *avail_ring(const struct virtq *queue, const struct memory *memory)
{
	return memory_at(memory, queue->avail, RING_HEADER + 2ULL * queue->size);
}

static bool usable(const struct virtq *queue)
{
	return queue->ready && queue->size > 0 && queue->size <= VIRTQ_MAX_SIZE &&
	       (queue->size & (queue->size - 1)) == 0 && queue->desc % 16 == 0 && queue->avail % 2 == 0 &&
	       queue->used_ring % 4 == 0;
}

static int add_buffer(struct virtq_chain *chain, const struct memory *memory, const struct vring_desc *desc)
{
	void *at = memory_at(memory, desc->addr, desc->len);

	if (!at || desc->len == 0)
		return -EPROTO;
	if (desc->flags & VRING_DESC_F_INDIRECT)
		return -EPROTO;
	if (!(desc->flags & VRING_DESC_F_WRITE) && chain->writable > 0)
		return -EPROTO;
	chain->buffers[chain->readable + chain->writable] = (struct iovec){ at, desc->len };
	if (desc->flags & VRING_DESC_F_WRITE)
		chain->writable++;
	else
		chain->readable++;
	return 0;
}

static int walk(const struct virtq *queue, const struct memory *memory, struct virtq_chain *chain)
{
	const uint8_t *table = memory_at(memory, queue->desc, sizeof(struct vring_desc) * queue->size);
	uint16_t index = chain->head;

	if (!table)
		return -EPROTO;
	for (uint32_t length = 0; length < queue->size; length++) {
		struct vring_desc desc;

		if (index >= queue->size)
			return -EPROTO;
		memcpy(&desc, table + index * sizeof(desc), sizeof(desc));
		if (add_buffer(chain, memory, &desc) != 0)
			return -EPROTO;
		if (!(desc.flags & VRING_DESC_F_NEXT))
			return 1;
		index = desc.next;
	}
	/* Longer than the queue: it has a loop. */
	return -EPROTO;
}

int virtq_pop(struct virtq *queue, const struct memory *memory, struct virtq_chain *chain)
{
	const uint8_t *ring;
	uint16_t waiting;

	if (!queue->ready)
		return 0;
	ring = usable(queue) ? avail_ring(queue, memory) : NULL;
	if (!ring)
		return -EPROTO;
	waiting = (uint16_t)(load16(ring + 2) - queue->next);
	if (waiting == 0)
		return 0;
	if (waiting > queue->size)
		return -EPROTO;
	chain->head = load16(ring + RING_HEADER + 2 * (queue->next & (queue->size - 1)));
	chain->readable = chain->writable = 0;
	queue->next++;
	return walk(queue, memory, chain);
}

int virtq_push(struct virtq *queue, const struct memory *memory, uint16_t head, uint32_t written)
{
	uint8_t *ring = memory_at(memory, queue->used_ring, RING_HEADER + (uint64_t)USED_ENTRY * queue->size);
	struct vring_used_elem entry = { .id = head, .len = written };

	if (!ring)
		return -EPROTO;
	memcpy(ring + RING_HEADER + USED_ENTRY * (queue->used & (queue->size - 1)), &entry, sizeof(entry));
	queue->used++;
	__atomic_store_n((uint16_t *)(ring + 2), queue->used, __ATOMIC_RELEASE);
	return 0;
}

bool virtq_wants_interrupt(const struct virtq *queue, const struct memory *memory)
{
	const uint8_t *ring = avail_ring(queue, memory);

	/* The used index must be seen before the flag is read, or both sides wait. */
	__atomic_thread_fence(__ATOMIC_SEQ_CST);
	return ring && !(load16(ring) & VRING_AVAIL_F_NO_INTERRUPT);
}
