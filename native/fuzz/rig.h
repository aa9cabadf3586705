#ifndef FUZZ_RIG_H
#define FUZZ_RIG_H

#include "input.h"
#include "virtio_mmio.h"

/* A virtio device on a bus, and the guest that the input is. */
struct rig {
	struct bus bus;
	struct virtio_mmio *transport;
	/* One step that is the device's own. */
	void (*own_step)(struct rig *rig, struct input *input);
	/* The access under way may reach the device's notify(). */
	bool is_notifying;
};

#define RIG_BASE 0xd0000000ULL

/* Forgets all of the last input. The transport must be made afterwards. */
void rig_reset(struct rig *rig);

/* An access of the guest, after which all that must hold of the transport is looked at. */
void rig_write(struct rig *rig, uint64_t offset, uint32_t value);

/* Steps until the input ends. */
void rig_run(struct rig *rig, struct input *input);

/* As a driver does: resets the device, takes its features, places its queues, and puts it into service. */
void rig_set_up(struct rig *rig);

#endif
