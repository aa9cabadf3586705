/* In place of virtq_pop() and virtq_push() wherever devices call them: what they do is judged by rules written anew. */
#include "requests.h"
#include "invariant.h"
#include "ram.h"

#include <errno.h>
#include <linux/virtio_ring.h>

#define RING_HEADER 4

static struct watched_request request;
static uint64_t requests;

int __real_virtq_pop(struct virtq *queue, const struct memory *memory, struct virtq_chain *chain);
int __wrap_virtq_pop(struct virtq *queue, const struct memory *memory, struct virtq_chain *chain);
int __real_virtq_push(struct virtq *queue, const struct memory *memory, uint16_t head, uint32_t written);
int __wrap_virtq_push(struct virtq *queue, const struct memory *memory, uint16_t head, uint32_t written);

void watch_reset(void)
{
	request.is_taken = false;
	requests = 0;
}

const struct watched_request *watched_request(void)
{
	return &request;
}

uint64_t watched_requests(void)
{
	return requests;
}

static uint16_t ram_u16(uint64_t gpa)
{
	uint16_t value;

	memcpy(&value, ram_host(gpa), sizeof(value));
	return value;
}

static bool is_legal(const struct virtq *queue)
{
	bool is_power_of_2 = queue->size && __builtin_popcount(queue->size) == 1;

	return is_power_of_2 && queue->size <= VIRTQ_MAX_SIZE && !(queue->desc & 15) && !(queue->avail & 1) &&
	       !(queue->used_ring & 3) && ram_holds(queue->avail, RING_HEADER + 2ULL * queue->size);
}

/* Follows a chain; false when it breaks a rule. */
static bool follow(const struct virtq *queue, uint16_t head, struct virtq_chain *chain)
{
	struct vring_desc descriptor = { .flags = VRING_DESC_F_NEXT, .next = head };

	chain->head = head;
	chain->readable = chain->writable = 0;
	while (descriptor.flags & VRING_DESC_F_NEXT) {
		uint32_t count = chain->readable + chain->writable;

		if (count == queue->size || descriptor.next >= queue->size)
			return false;
		memcpy(&descriptor, ram_host(queue->desc) + 16 * descriptor.next, sizeof(descriptor));
		if ((descriptor.flags & VRING_DESC_F_INDIRECT) || descriptor.len == 0 ||
		    !ram_holds(descriptor.addr, descriptor.len))
			return false;
		if (chain->writable && !(descriptor.flags & VRING_DESC_F_WRITE))
			return false;
		chain->buffers[count] = (struct iovec){ ram_host(descriptor.addr), descriptor.len };
		chain->readable += !(descriptor.flags & VRING_DESC_F_WRITE);
		chain->writable += !!(descriptor.flags & VRING_DESC_F_WRITE);
	}
	return true;
}

static int expect(const struct virtq *queue, struct virtq_chain *chain)
{
	uint16_t waiting;

	if (!queue->ready)
		return 0;
	if (!is_legal(queue))
		return -EPROTO;
	waiting = (uint16_t)(ram_u16(queue->avail + 2) - queue->next);
	if (waiting == 0)
		return 0;
	if (waiting > queue->size || !ram_holds(queue->desc, 16ULL * queue->size))
		return -EPROTO;
	return follow(queue, ram_u16(queue->avail + RING_HEADER + 2 * (queue->next % queue->size)), chain) ? 1
													   : -EPROTO;
}

static void judge_chain(const struct virtq *queue, const struct virtq_chain *chain)
{
	uint32_t count = chain->readable + chain->writable;

	HOLDS(count >= 1 && count <= queue->size);
	for (uint32_t i = 0; i < count; i++)
		HOLDS(chain->buffers[i].iov_len > 0 &&
		      ram_holds_host(chain->buffers[i].iov_base, chain->buffers[i].iov_len));
}

int __wrap_virtq_pop(struct virtq *queue, const struct memory *memory, struct virtq_chain *chain)
{
	static struct virtq_chain expected;
	const uint16_t next = queue->next;
	int want = 0, got;

	ram_allow_all();
	if (!ram_is_raced()) {
		want = expect(queue, &expected);
		ram_remember();
	}
	got = __real_virtq_pop(queue, memory, chain);
	if (got == 1) {
		judge_chain(queue, chain);
		HOLDS(queue->next == (uint16_t)(next + 1));
	}
	if (!ram_is_raced()) {
		HOLDS(got == want);
		HOLDS(ram_is_unchanged_but(NULL, 0));
		HOLDS(got != 1 || (chain->head == expected.head && chain->readable == expected.readable &&
				   chain->writable == expected.writable));
		HOLDS(got != 1 || memcmp(chain->buffers, expected.buffers,
					 (chain->readable + chain->writable) * sizeof(struct iovec)) == 0);
	}
	request.is_taken = got == 1;
	request.queue = queue;
	if (got == 1) {
		request.chain = *chain;
		requests++;
		ram_allow_only(chain->buffers, chain->readable + chain->writable);
	}
	return got;
}

static uint64_t writable_bytes(const struct virtq_chain *chain)
{
	uint64_t bytes = 0;

	for (uint32_t i = 0; i < chain->writable; i++)
		bytes += chain->buffers[chain->readable + i].iov_len;
	return bytes;
}

static void judge_used(const struct virtq *queue, uint16_t head, uint32_t written)
{
	const uint16_t slot = (uint16_t)(queue->used - 1) % queue->size;
	struct vring_used_elem entry;

	memcpy(&entry, ram_host(queue->used_ring) + RING_HEADER + 8 * slot, sizeof(entry));
	HOLDS(entry.id == head && entry.len == written);
	HOLDS(ram_u16(queue->used_ring + 2) == queue->used);
}

int __wrap_virtq_push(struct virtq *queue, const struct memory *memory, uint16_t head, uint32_t written)
{
	const uint64_t used_bytes = RING_HEADER + 8ULL * queue->size;
	bool fits = ram_holds(queue->used_ring, used_bytes);
	const uint16_t used = queue->used;
	int got;

	/* Each request is given back once, to its queue, with no more bytes than it had room for. */
	HOLDS(request.is_taken && request.queue == queue && request.chain.head == head);
	HOLDS(written <= writable_bytes(&request.chain));
	request.is_taken = false;
	ram_allow_all();
	ram_remember();
	got = __real_virtq_push(queue, memory, head, written);
	HOLDS(got == (fits ? 0 : -EPROTO));
	HOLDS(queue->used == (uint16_t)(used + fits));
	if (!fits || ram_is_raced())
		return got;
	HOLDS(ram_is_unchanged_but(ram_host(queue->used_ring), used_bytes));
	judge_used(queue, head, written);
	return got;
}
