/* The transport with a device that serves each of its queues, writes what it may, and fails when the input says so. */
#include "host.h"
#include "invariant.h"
#include "ram.h"
#include "rig.h"

#include <errno.h>
#include <linux/virtio_config.h>
#include <linux/virtio_mmio.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length);

#define FILL 0x5a
/* Of each buffer this much is written at either end. */
#define EDGE 16

static struct virtio_ops ops;
static struct virtio_mmio transport;
static struct rig rig;
static bool fails;

static uint64_t read_config(struct virtio_mmio *at, struct access access)
{
	HOLDS(at == &transport);
	HOLDS(access.offset + access.size <= VIRTIO_MMIO_SIZE - VIRTIO_MMIO_CONFIG);
	return access.offset;
}

static uint32_t fill(const struct virtq_chain *chain)
{
	uint64_t written = 0;

	for (uint16_t i = 0; i < chain->writable; i++) {
		const struct iovec *buffer = &chain->buffers[chain->readable + i];
		size_t edge = buffer->iov_len < EDGE ? buffer->iov_len : EDGE;

		memset(buffer->iov_base, FILL, edge);
		memset((uint8_t *)buffer->iov_base + buffer->iov_len - edge, FILL, edge);
		written += buffer->iov_len;
	}
	return written > UINT32_MAX ? UINT32_MAX : (uint32_t)written;
}

static int serve(struct virtio_mmio *at, uint32_t queue)
{
	int got;

	HOLDS(at == &transport && queue < ops.queue_count && rig.is_notifying);
	HOLDS((at->status & VIRTIO_CONFIG_S_DRIVER_OK) && !(at->status & VIRTIO_CONFIG_S_NEEDS_RESET));
	if (fails)
		return -EPROTO;
	while ((got = virtq_pop(&at->queues[queue], at->memory, &at->chain)) > 0) {
		if (virtio_mmio_complete(at, queue, fill(&at->chain)) != 0)
			return -EPROTO;
	}
	return got;
}

static void forget(struct virtio_mmio *at)
{
	HOLDS(at == &transport);
}

static void own_step(struct rig *unused, struct input *input)
{
	(void)unused;
	fails = input_u8(input) & 1;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
	struct input input = { bytes, bytes + length };
	static const int no_vm = -1;

	rig.transport = &transport;
	rig.own_step = own_step;
	rig_reset(&rig);
	fails = false;
	ops = (struct virtio_ops){ .device_id = 3, .read_config = read_config, .notify = serve, .reset = forget };
	ops.queue_count = 1 + input_u8(&input) % VIRTIO_MAX_QUEUES;
	ops.features = input_u64(&input);
	memset(&transport, 0, sizeof(transport));
	virtio_mmio_init(&transport, &ops, &ram, (struct irq){ .vm_fd = &no_vm, .gsi = 5 });
	rig_run(&rig, &input);
	virtio_mmio_deinit(&transport);
	return 0;
}
