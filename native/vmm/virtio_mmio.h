#ifndef VMM_VIRTIO_MMIO_H
#define VMM_VIRTIO_MMIO_H

#include "bus.h"
#include "irq.h"
#include "virtq.h"

#include <pthread.h>

#define VIRTIO_MMIO_SIZE 0x1000
#define VIRTIO_MAX_QUEUES 8

struct virtio_mmio;

/* What one kind of device adds to the transport. All are called with the lock held. */
struct virtio_ops {
	uint32_t device_id;
	uint32_t queue_count;
	/* The most entries that each has: powers of two, to VIRTQ_MAX_SIZE. */
	uint16_t queue_sizes[VIRTIO_MAX_QUEUES];
	uint64_t features;
	uint64_t (*read_config)(struct virtio_mmio *transport, struct access access);
	/* The guest has put something into a queue. -EPROTO takes the device out of service. */
	int (*notify)(struct virtio_mmio *transport, uint32_t queue);
	void (*reset)(struct virtio_mmio *transport);
};

struct virtio_mmio {
	pthread_mutex_t lock;
	const struct virtio_ops *ops;
	const struct memory *memory;
	struct irq irq;
	uint32_t status, interrupt_status;
	uint32_t features_page, driver_features_page, queue_index;
	uint64_t driver_features;
	struct virtq queues[VIRTIO_MAX_QUEUES];
	/* The request that is handled, by whichever thread holds the lock; too large for a stack. */
	struct virtq_chain chain;
};

extern const struct device_ops virtio_mmio_ops;

void virtio_mmio_init(struct virtio_mmio *transport, const struct virtio_ops *ops, const struct memory *memory,
		      struct irq irq);
void virtio_mmio_deinit(struct virtio_mmio *transport);

/* Handles the queue as if the guest had just written its number to the register for that. */
void virtio_mmio_notify(struct virtio_mmio *transport, uint32_t queue);

/* Gives a request back and interrupts the guest when it wants that. Returns 0 or -EPROTO. */
int virtio_mmio_complete(struct virtio_mmio *transport, uint32_t queue, uint32_t written);

#endif
