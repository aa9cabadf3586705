#include "ring.h"
#include "ram.h"

#define AVAIL_INDEX 2
#define RING_HEADER 4
/* Of the largest queue: 4096 bytes of descriptors, 516 of available entries, 2052 of used ones. */
#define QUEUE_BYTES 0x1c00
#define AVAIL_OFFSET 0x1000
#define USED_OFFSET 0x1300
/* Behind two queues. */
#define BUFFERS_OFFSET (2 * QUEUE_BYTES)

void ring_place(struct virtq *queue, uint32_t index)
{
	uint64_t start = ram_window(index % RAM_WINDOWS) + index / RAM_WINDOWS % 2 * QUEUE_BYTES;

	queue->desc = start;
	queue->avail = start + AVAIL_OFFSET;
	queue->used_ring = start + USED_OFFSET;
}

static void put_descriptor(const struct virtq *queue, uint16_t index, const struct vring_desc *descriptor)
{
	ram_put(queue->desc + index * sizeof(*descriptor), descriptor, sizeof(*descriptor));
}

static void put_random_descriptor(const struct virtq *queue, struct input *input)
{
	static const uint16_t any_flags = 0x7;
	uint16_t index = input_u8(input);
	struct vring_desc descriptor = { .addr = ram_take_gpa(input) };
	uint8_t shape = input_u8(input);

	descriptor.flags = shape & 0x80 ? input_u16(input) : shape & any_flags;
	descriptor.len = shape & 0x40 ? input_u32(input) : input_u8(input);
	descriptor.next = shape & 0x20 ? input_u16(input) : (uint16_t)(index + 1);
	put_descriptor(queue, index, &descriptor);
}

/* Puts a head where the device looks next, and tells of one more than it has seen. */
static void submit(const struct virtq *queue, uint16_t head)
{
	uint16_t index = (uint16_t)(queue->next + 1);
	uint32_t slot = queue->size ? queue->next % queue->size : 0;

	ram_put(queue->avail + RING_HEADER + 2 * slot, &head, sizeof(head));
	ram_put(queue->avail + AVAIL_INDEX, &index, sizeof(index));
}

static void put_index(const struct virtq *queue, struct input *input)
{
	uint16_t index = (uint16_t)(queue->next + input_u16(input));

	ram_put(queue->avail + AVAIL_INDEX, &index, sizeof(index));
}

static void put_bytes(struct input *input)
{
	uint64_t gpa = ram_take_gpa(input), value = input_u64(input);

	ram_put(gpa, &value, sizeof(value));
}

static void put_head(const struct virtq *queue, struct input *input)
{
	uint16_t slot = input_u8(input), head = input_u16(input);

	ram_put(queue->avail + RING_HEADER + 2 * slot, &head, sizeof(head));
}

void ring_request(const struct virtq *queue, struct vring_desc *buffers, uint16_t count)
{
	for (uint16_t i = 0; i < count; i++) {
		buffers[i].flags |= i + 1 < count ? VRING_DESC_F_NEXT : 0;
		buffers[i].next = (uint16_t)(i + 1);
		put_descriptor(queue, i, &buffers[i]);
	}
	submit(queue, 0);
}

uint64_t ring_free_gpa(void)
{
	return ram_window(0) + BUFFERS_OFFSET;
}

void ring_step(const struct virtq *queue, struct input *input)
{
	enum { DESCRIPTOR, SUBMIT, INDEX, HEAD, BYTES, STEPS };

	switch (input_u8(input) % STEPS) {
	case DESCRIPTOR:
		put_random_descriptor(queue, input);
		break;
	case SUBMIT:
		submit(queue, input_u8(input));
		break;
	case INDEX:
		put_index(queue, input);
		break;
	case HEAD:
		put_head(queue, input);
		break;
	default:
		put_bytes(input);
	}
}
