#include "rig.h"
#include "host.h"
#include "invariant.h"
#include "ram.h"
#include "ring.h"
#include "requests.h"

#include <linux/virtio_config.h>
#include <linux/virtio_mmio.h>

/* One access takes at most what each queue held when it began, and what a device answers to that. */
#define MAX_REQUESTS 1024
#define LOOKUPS_PER_REQUEST (VIRTQ_MAX_SIZE + 8)
/* Of a request that is made in one step. */
#define MOST_BUFFERS 8

/* What the guest cannot change by any access that is not meant to. */
struct memento {
	uint32_t status;
	struct virtq queues[VIRTIO_MAX_QUEUES];
	uint64_t requests, lookups;
};

void rig_reset(struct rig *rig)
{
	ram_reset();
	watch_reset();
	host = (struct host){ .irq_level = 0 };
	rig->bus.count = 0;
	HOLDS(bus_add(&rig->bus, (struct bus_range){ RIG_BASE, VIRTIO_MMIO_SIZE, &virtio_mmio_ops, rig->transport }) ==
	      0);
}

static struct memento memento_of(const struct virtio_mmio *transport)
{
	struct memento memento = { transport->status, .requests = watched_requests(), .lookups = ram_lookups() };

	memcpy(memento.queues, transport->queues, sizeof(memento.queues));
	return memento;
}

static void judge_queue(const struct virtq *before, const struct virtq *now)
{
	HOLDS(!before->ready || (now->size == before->size && now->desc == before->desc &&
				 now->avail == before->avail && now->used_ring == before->used_ring));
}

static void judge_features(const struct virtio_mmio *transport)
{
	const uint64_t offered = transport->ops->features | 1ULL << VIRTIO_F_VERSION_1;

	HOLDS((transport->driver_features & ~offered) == 0);
	HOLDS(transport->driver_features & 1ULL << VIRTIO_F_VERSION_1);
}

static void judge(const struct rig *rig, const struct memento *before, bool is_reset)
{
	const struct virtio_mmio *now = rig->transport;

	HOLDS(!is_reset || now->status == 0);
	HOLDS(host.irq_level == (now->interrupt_status != 0));
	HOLDS((now->interrupt_status & ~(uint32_t)(VIRTIO_MMIO_INT_VRING | VIRTIO_MMIO_INT_CONFIG)) == 0);
	HOLDS(is_reset || !(before->status & VIRTIO_CONFIG_S_NEEDS_RESET) ||
	      (now->status & VIRTIO_CONFIG_S_NEEDS_RESET));
	if (!(before->status & VIRTIO_CONFIG_S_FEATURES_OK) && (now->status & VIRTIO_CONFIG_S_FEATURES_OK))
		judge_features(now);
	for (uint32_t i = 0; !is_reset && i < VIRTIO_MAX_QUEUES; i++)
		judge_queue(&before->queues[i], &now->queues[i]);
	if (ram_is_raced())
		return;
	HOLDS(watched_requests() - before->requests <= MAX_REQUESTS);
	HOLDS(ram_lookups() - before->lookups <= MAX_REQUESTS * LOOKUPS_PER_REQUEST);
}

static void write_sized(struct rig *rig, struct access access, uint64_t value)
{
	struct memento before = memento_of(rig->transport);
	bool is_reset = access.offset == VIRTIO_MMIO_STATUS && access.size == 4 && (uint32_t)value == 0;

	rig->is_notifying = access.offset == VIRTIO_MMIO_QUEUE_NOTIFY;
	bus_write(&rig->bus, RIG_BASE + access.offset, access.size, value);
	judge(rig, &before, is_reset);
}

void rig_write(struct rig *rig, uint64_t offset, uint32_t value)
{
	write_sized(rig, (struct access){ offset, sizeof(value) }, value);
}

/* Reads change nothing. */
static uint64_t read_sized(struct rig *rig, struct access access)
{
	struct virtio_mmio before = *rig->transport;
	uint64_t value = bus_read(&rig->bus, RIG_BASE + access.offset, access.size);

	HOLDS(memcmp(before.queues, rig->transport->queues, sizeof(before.queues)) == 0);
	HOLDS(before.status == rig->transport->status && before.driver_features == rig->transport->driver_features);
	return value;
}

static void judge_constants(struct rig *rig)
{
	HOLDS(read_sized(rig, (struct access){ VIRTIO_MMIO_MAGIC_VALUE, 4 }) == 0x74726976);
	HOLDS(read_sized(rig, (struct access){ VIRTIO_MMIO_VERSION, 4 }) == 2);
	HOLDS(read_sized(rig, (struct access){ VIRTIO_MMIO_DEVICE_ID, 4 }) == rig->transport->ops->device_id);
	HOLDS(read_sized(rig, (struct access){ VIRTIO_MMIO_STATUS, 4 }) == rig->transport->status);
}

void rig_set_up(struct rig *rig)
{
	const struct virtio_ops *ops = rig->transport->ops;
	const uint64_t features = ops->features | 1ULL << VIRTIO_F_VERSION_1;

	rig_write(rig, VIRTIO_MMIO_STATUS, 0);
	rig_write(rig, VIRTIO_MMIO_STATUS, VIRTIO_CONFIG_S_ACKNOWLEDGE | VIRTIO_CONFIG_S_DRIVER);
	for (uint32_t page = 0; page < 2; page++) {
		rig_write(rig, VIRTIO_MMIO_DRIVER_FEATURES_SEL, page);
		rig_write(rig, VIRTIO_MMIO_DRIVER_FEATURES, (uint32_t)(features >> 32 * page));
	}
	for (uint32_t i = 0; i < ops->queue_count; i++) {
		struct virtq queue;

		ring_place(&queue, i);
		rig_write(rig, VIRTIO_MMIO_QUEUE_SEL, i);
		rig_write(rig, VIRTIO_MMIO_QUEUE_NUM, VIRTQ_MAX_SIZE >> i);
		rig_write(rig, VIRTIO_MMIO_QUEUE_DESC_LOW, (uint32_t)queue.desc);
		rig_write(rig, VIRTIO_MMIO_QUEUE_DESC_HIGH, (uint32_t)(queue.desc >> 32));
		rig_write(rig, VIRTIO_MMIO_QUEUE_AVAIL_LOW, (uint32_t)queue.avail);
		rig_write(rig, VIRTIO_MMIO_QUEUE_AVAIL_HIGH, (uint32_t)(queue.avail >> 32));
		rig_write(rig, VIRTIO_MMIO_QUEUE_USED_LOW, (uint32_t)queue.used_ring);
		rig_write(rig, VIRTIO_MMIO_QUEUE_USED_HIGH, (uint32_t)(queue.used_ring >> 32));
		rig_write(rig, VIRTIO_MMIO_QUEUE_READY, 1);
	}
	rig_write(rig, VIRTIO_MMIO_STATUS,
		  VIRTIO_CONFIG_S_ACKNOWLEDGE | VIRTIO_CONFIG_S_DRIVER | VIRTIO_CONFIG_S_FEATURES_OK |
			  VIRTIO_CONFIG_S_DRIVER_OK);
}

/* Mostly in the registers, sometimes across the end of the device. */
static struct access take_access(struct input *input)
{
	uint8_t how = input_u8(input);
	uint64_t offset = how & 0x80 ? input_u16(input) % (VIRTIO_MMIO_SIZE + 16) : input_u8(input);

	return (struct access){ offset, 1U << (how & 3) };
}

static void write_register(struct rig *rig, struct input *input)
{
	uint64_t offset = (uint64_t)input_u8(input) & ~3ULL;
	uint8_t how = input_u8(input);

	rig_write(rig, offset, how & 0x80 ? input_u32(input) : how);
}

/* A place of a queue that a driver would not choose. */
static void place_queue(struct rig *rig, struct input *input)
{
	static const uint64_t registers[] = { VIRTIO_MMIO_QUEUE_DESC_LOW, VIRTIO_MMIO_QUEUE_AVAIL_LOW,
					      VIRTIO_MMIO_QUEUE_USED_LOW };
	uint64_t at = registers[input_u8(input) % 3], gpa = ram_take_gpa(input);

	rig_write(rig, VIRTIO_MMIO_QUEUE_SEL, input_u8(input) % VIRTIO_MAX_QUEUES);
	rig_write(rig, VIRTIO_MMIO_QUEUE_READY, 0);
	rig_write(rig, at, (uint32_t)gpa);
	rig_write(rig, at + 4, (uint32_t)(gpa >> 32));
	rig_write(rig, VIRTIO_MMIO_QUEUE_READY, 1);
}

static void notify(struct rig *rig, struct input *input)
{
	uint8_t how = input_u8(input);

	if (how & 0x80)
		ram_race_begin(input);
	rig_write(rig, VIRTIO_MMIO_QUEUE_NOTIFY, how % VIRTIO_MAX_QUEUES);
	ram_race_end();
}

static struct vring_desc take_buffer(struct input *input)
{
	uint8_t how = input_u8(input);
	struct vring_desc buffer = { .flags = how & 1 ? VRING_DESC_F_WRITE : 0 };

	buffer.addr = how & 0x80 ? ram_take_gpa(input) : ring_free_gpa();
	buffer.len = how & 0x40 ? input_u32(input) : input_u8(input);
	return buffer;
}

/* A request that a driver could make, or one with a buffer that is not RAM. */
static void request(struct rig *rig, struct input *input)
{
	struct vring_desc buffers[MOST_BUFFERS];
	uint8_t how = input_u8(input);
	uint32_t queue = how % VIRTIO_MAX_QUEUES;
	uint16_t count = 1 + how / VIRTIO_MAX_QUEUES % MOST_BUFFERS;

	for (uint16_t i = 0; i < count; i++)
		buffers[i] = take_buffer(input);
	ring_request(&rig->transport->queues[queue], buffers, count);
	rig_write(rig, VIRTIO_MMIO_QUEUE_NOTIFY, queue);
}

static void step(struct rig *rig, struct input *input)
{
	enum { READ, WRITE, REGISTER, PLACE, SET_UP, NOTIFY, REQUEST, OWN, STEPS = 12 };
	struct access access;

	switch (input_u8(input) % STEPS) {
	case READ:
		read_sized(rig, take_access(input));
		judge_constants(rig);
		break;
	case WRITE:
		access = take_access(input);
		write_sized(rig, access, input_u64(input));
		break;
	case REGISTER:
		write_register(rig, input);
		break;
	case PLACE:
		place_queue(rig, input);
		break;
	case SET_UP:
		rig_set_up(rig);
		break;
	case NOTIFY:
		notify(rig, input);
		break;
	case REQUEST:
		request(rig, input);
		break;
	case OWN:
		rig->own_step(rig, input);
		break;
	default:
		ring_step(&rig->transport->queues[input_u8(input) % VIRTIO_MAX_QUEUES], input);
	}
}

void rig_run(struct rig *rig, struct input *input)
{
	while (input_left(input) > 0)
		step(rig, input);
}
