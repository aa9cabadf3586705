/* A queue by itself: rings, indices and chains as no driver makes them. */
#include "invariant.h"
#include "ram.h"
#include "ring.h"
#include "requests.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length);

static struct virtq_chain chain;

/* As a driver may set it up, or anything else. */
static void configure(struct virtq *queue, struct input *input)
{
	uint8_t how = input_u8(input);

	virtq_reset(queue);
	queue->size = how & 0x80 ? input_u32(input) : 1U << how % 9;
	ring_place(queue, how >> 4 & 3);
	if (how & 0x40) {
		queue->desc = ram_take_gpa(input);
		queue->avail = ram_take_gpa(input);
		queue->used_ring = ram_take_gpa(input);
	}
	queue->ready = how != 0xff;
	queue->next = queue->used = how & 8 ? UINT16_MAX : 0;
}

/* Takes requests as a device does: the first one that breaks the rules is the last one. */
static bool serve(struct virtq *queue)
{
	int got = virtq_pop(queue, &ram, &chain);

	if (got != 1)
		return got == 0;
	if (virtq_push(queue, &ram, chain.head, 0) != 0)
		return false;
	virtq_wants_interrupt(queue, &ram);
	return true;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
	enum { SERVE, SERVE_RACED, CONFIGURE, STEPS = 8 };
	struct input input = { bytes, bytes + length };
	struct virtq queue;
	bool is_served = true;

	ram_reset();
	watch_reset();
	configure(&queue, &input);
	while (input_left(&input) > 0 && is_served) {
		switch (input_u8(&input) % STEPS) {
		case SERVE:
			is_served = serve(&queue);
			break;
		case SERVE_RACED:
			ram_race_begin(&input);
			is_served = serve(&queue);
			ram_race_end();
			break;
		case CONFIGURE:
			configure(&queue, &input);
			break;
		default:
			ring_step(&queue, &input);
		}
	}
	return 0;
}
