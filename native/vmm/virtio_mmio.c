/* Transport of virtio 1.2, section 4.2, version 2 only. Names as in linux/virtio_mmio.h. */
#include "virtio_mmio.h"

#include <linux/virtio_config.h>
#include <linux/virtio_mmio.h>

#define MAGIC 0x74726976
#define VERSION 2
#define VENDOR 0x5254534b

void virtio_mmio_init(struct virtio_mmio *transport, const struct virtio_ops *ops, const struct memory *memory,
		      struct irq irq)
{
	transport->ops = ops;
	transport->memory = memory;
	transport->irq = irq;
	pthread_mutex_init(&transport->lock, NULL);
	for (uint32_t i = 0; i < VIRTIO_MAX_QUEUES; i++)
		virtq_reset(&transport->queues[i]);
}

void virtio_mmio_deinit(struct virtio_mmio *transport)
{
	pthread_mutex_destroy(&transport->lock);
}

static void raise_interrupt(struct virtio_mmio *transport, uint32_t bits)
{
	transport->interrupt_status |= bits;
	irq_set(&transport->irq, transport->interrupt_status != 0);
}

int virtio_mmio_complete(struct virtio_mmio *transport, uint32_t index, uint32_t written)
{
	struct virtq *queue = &transport->queues[index];
	int err = virtq_push(queue, transport->memory, transport->chain.head, written);

	if (!err && virtq_wants_interrupt(queue, transport->memory))
		raise_interrupt(transport, VIRTIO_MMIO_INT_VRING);
	return err;
}

static void reset(struct virtio_mmio *transport)
{
	transport->status = transport->interrupt_status = 0;
	transport->features_page = transport->driver_features_page = transport->queue_index = 0;
	transport->driver_features = 0;
	irq_set(&transport->irq, 0);
	for (uint32_t i = 0; i < VIRTIO_MAX_QUEUES; i++)
		virtq_reset(&transport->queues[i]);
	transport->ops->reset(transport);
}

static void set_status(struct virtio_mmio *transport, uint32_t value)
{
	const uint64_t offered = transport->ops->features | 1ULL << VIRTIO_F_VERSION_1;

	if (value == 0) {
		reset(transport);
		return;
	}
	/* The driver may take only what was offered, and must take version 1. */
	if ((transport->driver_features & ~offered) || !(transport->driver_features >> VIRTIO_F_VERSION_1 & 1))
		value &= ~(uint32_t)VIRTIO_CONFIG_S_FEATURES_OK;
	transport->status = value | (transport->status & VIRTIO_CONFIG_S_NEEDS_RESET);
}

static void notify(struct virtio_mmio *transport, uint32_t queue)
{
	const uint32_t in_service = VIRTIO_CONFIG_S_DRIVER_OK;

	if (queue >= transport->ops->queue_count ||
	    (transport->status & (in_service | VIRTIO_CONFIG_S_NEEDS_RESET)) != in_service)
		return;
	if (transport->ops->notify(transport, queue) == 0)
		return;
	transport->status |= VIRTIO_CONFIG_S_NEEDS_RESET;
	raise_interrupt(transport, VIRTIO_MMIO_INT_CONFIG);
}

void virtio_mmio_notify(struct virtio_mmio *transport, uint32_t queue)
{
	pthread_mutex_lock(&transport->lock);
	notify(transport, queue);
	pthread_mutex_unlock(&transport->lock);
}

static uint32_t read_register(const struct virtio_mmio *transport, uint64_t offset)
{
	const uint64_t features = transport->ops->features | 1ULL << VIRTIO_F_VERSION_1;
	const uint32_t index = transport->queue_index;
	const struct virtq *queue = index < transport->ops->queue_count ? &transport->queues[index] : NULL;

	switch (offset) {
	case VIRTIO_MMIO_MAGIC_VALUE:
		return MAGIC;
	case VIRTIO_MMIO_VERSION:
		return VERSION;
	case VIRTIO_MMIO_DEVICE_ID:
		return transport->ops->device_id;
	case VIRTIO_MMIO_VENDOR_ID:
		return VENDOR;
	case VIRTIO_MMIO_DEVICE_FEATURES:
		return transport->features_page > 1 ? 0 : (uint32_t)(features >> 32 * transport->features_page);
	case VIRTIO_MMIO_QUEUE_NUM_MAX:
		return queue ? transport->ops->queue_sizes[index] : 0;
	case VIRTIO_MMIO_QUEUE_READY:
		return queue && queue->ready;
	case VIRTIO_MMIO_INTERRUPT_STATUS:
		return transport->interrupt_status;
	case VIRTIO_MMIO_STATUS:
		return transport->status;
	default:
		/* Among them the generation of the configuration, which never changes. */
		return 0;
	}
}

static void set_low(uint64_t *value, uint32_t half)
{
	*value = (*value & 0xffffffff00000000ULL) | half;
}

static void set_high(uint64_t *value, uint32_t half)
{
	*value = (*value & 0xffffffffULL) | (uint64_t)half << 32;
}

/* A queue keeps its place while it is in service: what was checked stays what is used. */
static void write_queue(struct virtio_mmio *transport, uint64_t offset, uint32_t value)
{
	struct virtq *queue = &transport->queues[transport->queue_index];

	if (offset == VIRTIO_MMIO_QUEUE_READY) {
		queue->ready = value & 1;
		return;
	}
	if (queue->ready)
		return;
	switch (offset) {
	case VIRTIO_MMIO_QUEUE_NUM:
		queue->size = value;
		break;
	case VIRTIO_MMIO_QUEUE_DESC_LOW:
		set_low(&queue->desc, value);
		break;
	case VIRTIO_MMIO_QUEUE_DESC_HIGH:
		set_high(&queue->desc, value);
		break;
	case VIRTIO_MMIO_QUEUE_AVAIL_LOW:
		set_low(&queue->avail, value);
		break;
	case VIRTIO_MMIO_QUEUE_AVAIL_HIGH:
		set_high(&queue->avail, value);
		break;
	case VIRTIO_MMIO_QUEUE_USED_LOW:
		set_low(&queue->used_ring, value);
		break;
	case VIRTIO_MMIO_QUEUE_USED_HIGH:
		set_high(&queue->used_ring, value);
		break;
	default:
		break;
	}
}

static void set_driver_features(struct virtio_mmio *transport, uint32_t value)
{
	if (transport->driver_features_page == 0)
		set_low(&transport->driver_features, value);
	else if (transport->driver_features_page == 1)
		set_high(&transport->driver_features, value);
}

static void write_register(struct virtio_mmio *transport, uint64_t offset, uint32_t value)
{
	switch (offset) {
	case VIRTIO_MMIO_DEVICE_FEATURES_SEL:
		transport->features_page = value;
		break;
	case VIRTIO_MMIO_DRIVER_FEATURES_SEL:
		transport->driver_features_page = value;
		break;
	case VIRTIO_MMIO_DRIVER_FEATURES:
		set_driver_features(transport, value);
		break;
	case VIRTIO_MMIO_QUEUE_SEL:
		transport->queue_index = value;
		break;
	case VIRTIO_MMIO_QUEUE_NOTIFY:
		notify(transport, value);
		break;
	case VIRTIO_MMIO_INTERRUPT_ACK:
		transport->interrupt_status &= ~value;
		irq_set(&transport->irq, transport->interrupt_status != 0);
		break;
	case VIRTIO_MMIO_STATUS:
		set_status(transport, value);
		break;
	default:
		if (transport->queue_index < transport->ops->queue_count)
			write_queue(transport, offset, value);
	}
}

static uint64_t mmio_read(void *device, struct access access)
{
	struct virtio_mmio *transport = device;
	uint64_t value = 0;

	pthread_mutex_lock(&transport->lock);
	if (access.offset >= VIRTIO_MMIO_CONFIG) {
		access.offset -= VIRTIO_MMIO_CONFIG;
		value = transport->ops->read_config(transport, access);
	} else if (access.size == 4) {
		value = read_register(transport, access.offset);
	}
	pthread_mutex_unlock(&transport->lock);
	return value;
}

static void mmio_write(void *device, struct access access, uint64_t value)
{
	struct virtio_mmio *transport = device;

	if (access.offset >= VIRTIO_MMIO_CONFIG || access.size != 4)
		return;
	pthread_mutex_lock(&transport->lock);
	write_register(transport, access.offset, (uint32_t)value);
	pthread_mutex_unlock(&transport->lock);
}

const struct device_ops virtio_mmio_ops = { .read = mmio_read, .write = mmio_write };
