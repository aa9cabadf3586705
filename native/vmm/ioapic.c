/* The IOAPIC of a machine in which KVM has the local APICs alone: Intel 82093AA, and KVM_FEATURE_MSI_EXT_DEST_ID. */
#include "ioapic.h"

#include <stdbool.h>
#include <string.h>

enum { SELECT = 0x00, WINDOW = 0x10, END = 0x40 };
enum { ID = 0, VERSION = 1, ARBITRATION = 2, FIRST_ENTRY = 16 };

#define ID_BITS 0x0f000000u
/* 0x20: there is a register for ends. */
#define VERSION_VALUE ((IOAPIC_PINS - 1) << 16 | 0x20)

#define VECTOR 0xffULL
#define FIRST_VECTOR 16
#define MODE_AT 8
#define MODE 7ULL
#define MODE_FIXED 0
#define MODE_LOWEST 1
#define LOGICAL (1ULL << 11)
#define REMOTE_IRR (1ULL << 14)
#define LEVEL (1ULL << 15)
#define MASKED (1ULL << 16)
/* Bits 0 to 7 of the destination stand in the last byte, the seven above them right before it. */
#define DESTINATION_AT 56
#define EXTENSION_AT 49
#define EXTENSION 0x7fULL
#define WRITABLE                                                                                        \
	(VECTOR | MODE << MODE_AT | LOGICAL | 1ULL << 13 | LEVEL | MASKED | EXTENSION << EXTENSION_AT | \
	 0xffULL << DESTINATION_AT)

#define MESSAGE_ADDRESS 0xfee00000u
#define MESSAGE_DESTINATION_AT 12
#define MESSAGE_LOWEST (1u << 3)
#define MESSAGE_LOGICAL (1u << 2)
#define MESSAGE_ASSERT (1u << 14)
#define MESSAGE_LEVEL (1u << 15)

void ioapic_init(struct ioapic *ioapic, const struct ioapic_ops *ops, void *receiver)
{
	*ioapic = (struct ioapic){ .ops = ops, .receiver = receiver };
	for (uint32_t pin = 0; pin < IOAPIC_PINS; pin++)
		ioapic->entries[pin] = MASKED;
	pthread_mutex_init(&ioapic->lock, NULL);
}

void ioapic_deinit(struct ioapic *ioapic)
{
	pthread_mutex_destroy(&ioapic->lock);
}

/* Zero for a pin whose entry stands for no interrupt of a device. */
static struct ioapic_message message_of(uint64_t entry)
{
	uint32_t mode = entry >> MODE_AT & MODE, low = (uint32_t)(entry >> DESTINATION_AT);
	uint32_t extension = (uint32_t)(entry >> EXTENSION_AT & EXTENSION);

	if ((entry & VECTOR) < FIRST_VECTOR || mode > MODE_LOWEST)
		return (struct ioapic_message){ 0 };
	return (struct ioapic_message){
		.address_low = MESSAGE_ADDRESS | low << MESSAGE_DESTINATION_AT |
			       (mode == MODE_LOWEST ? MESSAGE_LOWEST : 0) | (entry & LOGICAL ? MESSAGE_LOGICAL : 0),
		.address_high = extension << 8,
		.data = (uint32_t)(entry & VECTOR) | mode << MODE_AT | MESSAGE_ASSERT |
			(entry & LEVEL ? MESSAGE_LEVEL : 0),
	};
}

static void send(struct ioapic *ioapic, uint32_t pin)
{
	const struct ioapic_message message = message_of(ioapic->entries[pin]);

	if (!message.data)
		return;
	if (ioapic->entries[pin] & LEVEL)
		ioapic->entries[pin] |= REMOTE_IRR;
	ioapic->ops->send(ioapic->receiver, &message);
}

/* A level is told of once until its interrupt has ended. */
static void send_level(struct ioapic *ioapic, uint32_t pin)
{
	uint64_t entry = ioapic->entries[pin];

	if ((ioapic->lines >> pin & 1) && (entry & (LEVEL | MASKED | REMOTE_IRR)) == LEVEL)
		send(ioapic, pin);
}

static void tell_routes(struct ioapic *ioapic)
{
	struct ioapic_message messages[IOAPIC_PINS];

	for (uint32_t pin = 0; pin < IOAPIC_PINS; pin++)
		messages[pin] = message_of(ioapic->entries[pin]);
	ioapic->ops->route(ioapic->receiver, messages);
}

static void write_entry(struct ioapic *ioapic, uint32_t half, uint32_t value)
{
	uint32_t pin = half / 2, shift = half % 2 * 32;
	uint64_t before = ioapic->entries[pin], writable = WRITABLE & 0xffffffffULL << shift;
	const struct ioapic_message was = message_of(before);
	uint64_t entry = (before & ~writable) | ((uint64_t)value << shift & writable);
	struct ioapic_message is;

	/* So a guest makes an entry forget an interrupt whose end it has lost. */
	if (!(entry & LEVEL))
		entry &= ~REMOTE_IRR;
	ioapic->entries[pin] = entry;
	is = message_of(entry);
	if (memcmp(&was, &is, sizeof(is)) != 0)
		tell_routes(ioapic);
	send_level(ioapic, pin);
}

static void write_window(struct ioapic *ioapic, uint32_t value)
{
	if (ioapic->index == ID)
		ioapic->id = value & ID_BITS;
	else if (ioapic->index >= FIRST_ENTRY && ioapic->index < FIRST_ENTRY + 2 * IOAPIC_PINS)
		write_entry(ioapic, ioapic->index - FIRST_ENTRY, value);
}

static uint32_t read_window(const struct ioapic *ioapic)
{
	uint32_t half = ioapic->index - FIRST_ENTRY;

	switch (ioapic->index) {
	case ID:
	case ARBITRATION:
		return ioapic->id;
	case VERSION:
		return VERSION_VALUE;
	default:
		return half < 2 * IOAPIC_PINS ? (uint32_t)(ioapic->entries[half / 2] >> half % 2 * 32) : 0;
	}
}

static void end(struct ioapic *ioapic, uint8_t vector)
{
	for (uint32_t pin = 0; pin < IOAPIC_PINS; pin++) {
		uint64_t *entry = &ioapic->entries[pin];

		if ((*entry & VECTOR) != vector || !(*entry & REMOTE_IRR))
			continue;
		*entry &= ~REMOTE_IRR;
		send_level(ioapic, pin);
	}
}

static uint64_t read(void *device, struct access access)
{
	struct ioapic *ioapic = device;
	uint64_t value = 0;

	pthread_mutex_lock(&ioapic->lock);
	if (access.offset == SELECT)
		value = ioapic->index;
	else if (access.offset == WINDOW && access.size == 4)
		value = read_window(ioapic);
	pthread_mutex_unlock(&ioapic->lock);
	return value;
}

static void write(void *device, struct access access, uint64_t value)
{
	struct ioapic *ioapic = device;

	pthread_mutex_lock(&ioapic->lock);
	if (access.offset == SELECT)
		ioapic->index = (uint8_t)value;
	else if (access.offset == WINDOW && access.size == 4)
		write_window(ioapic, (uint32_t)value);
	else if (access.offset == END)
		end(ioapic, (uint8_t)value);
	pthread_mutex_unlock(&ioapic->lock);
}

const struct device_ops ioapic_ops = { .read = read, .write = write };

void ioapic_set_line(struct ioapic *ioapic, uint32_t pin, uint32_t level)
{
	uint32_t bit = 1u << pin;
	bool rises;

	pthread_mutex_lock(&ioapic->lock);
	rises = level && !(ioapic->lines & bit);
	ioapic->lines = level ? ioapic->lines | bit : ioapic->lines & ~bit;
	if (ioapic->entries[pin] & LEVEL)
		send_level(ioapic, pin);
	else if (rises && !(ioapic->entries[pin] & MASKED))
		send(ioapic, pin);
	pthread_mutex_unlock(&ioapic->lock);
}

void ioapic_end(struct ioapic *ioapic, uint8_t vector)
{
	pthread_mutex_lock(&ioapic->lock);
	end(ioapic, vector);
	pthread_mutex_unlock(&ioapic->lock);
}
