/* The IOAPIC: accesses of guests, levels of devices and ends of interrupts in any order, judged by a model of its pins.
 */
#include "input.h"
#include "invariant.h"
#include "ioapic.h"

#include <stdbool.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length);

#define SELECT IOAPIC_GPA
#define WINDOW (IOAPIC_GPA + 0x10)
#define END (IOAPIC_GPA + 0x40)
#define ENTRIES 0x10
#define WRITABLE 0xfffe00000001afffULL
#define REMOTE_IRR (1u << 14)
#define NO_PIN IOAPIC_PINS

/* What a pin is, as the guest and the devices have made it. */
struct pin {
	uint64_t entry;
	bool line;
	/* Told of, and its interrupt has not ended. */
	bool waits;
};

static struct ioapic ioapic;
static struct bus bus;
static struct pin pins[IOAPIC_PINS];
static struct ioapic_message routed[IOAPIC_PINS];
static uint32_t sent;
/* The pin whose line changes, alone of which an edge may be told. */
static uint32_t changing;

static bool is_level(const struct pin *pin)
{
	return pin->entry >> 15 & 1;
}

static bool is_valid(const struct pin *pin)
{
	return (pin->entry & 0xff) >= 16 && (pin->entry >> 8 & 7) <= 1;
}

static bool is_open(const struct pin *pin)
{
	return is_valid(pin) && !(pin->entry >> 16 & 1);
}

static struct ioapic_message message_of(const struct pin *pin)
{
	uint32_t destination = (uint32_t)(pin->entry >> 56) | (uint32_t)(pin->entry >> 49 & 0x7f) << 8;
	bool is_lowest = pin->entry >> 8 & 1, is_logical = pin->entry >> 11 & 1;
	struct ioapic_message message = { 0 };

	if (!is_valid(pin))
		return message;
	message.address_low = 0xfee00000 + (destination & 0xff) * 0x1000 + is_lowest * 8 + is_logical * 4;
	message.address_high = destination & ~0xffu;
	message.data = (uint32_t)(pin->entry & 0xff) + is_lowest * 0x100 + 0x4000 + is_level(pin) * 0x8000;
	return message;
}

static bool is_of(const struct ioapic_message *message, const struct pin *pin)
{
	const struct ioapic_message own = message_of(pin);

	return is_open(pin) && memcmp(message, &own, sizeof(own)) == 0;
}

/* Some pin has this to tell now. Of several with the same message it does not matter which. */
static void judge_send(void *receiver, const struct ioapic_message *message)
{
	HOLDS(receiver == pins);
	sent++;
	for (uint32_t i = 0; i < IOAPIC_PINS; i++) {
		struct pin *pin = &pins[i];

		if (!is_of(message, pin) || !pin->line || pin->waits || (!is_level(pin) && i != changing))
			continue;
		pin->waits = is_level(pin);
		return;
	}
	HOLDS(!"a pin has this to tell");
}

static void take_routes(void *receiver, const struct ioapic_message messages[IOAPIC_PINS])
{
	HOLDS(receiver == pins);
	memcpy(routed, messages, sizeof(routed));
}

static const struct ioapic_ops ops = { .send = judge_send, .route = take_routes };

static uint32_t read_register(uint8_t index)
{
	bus_write(&bus, SELECT, 4, index);
	return (uint32_t)bus_read(&bus, WINDOW, 4);
}

static void judge_pin(uint32_t i)
{
	const struct pin *pin = &pins[i];
	const struct ioapic_message own = message_of(pin);
	uint64_t entry = (uint64_t)read_register((uint8_t)(ENTRIES + 2 * i + 1)) << 32 |
			 read_register((uint8_t)(ENTRIES + 2 * i));

	HOLDS((entry & ~(uint64_t)REMOTE_IRR) == pin->entry);
	HOLDS(!!(entry & REMOTE_IRR) == pin->waits);
	HOLDS(memcmp(&routed[i], &own, sizeof(own)) == 0);
	/* A level does not go untold. */
	HOLDS(!is_level(pin) || !pin->line || !is_open(pin) || pin->waits);
}

static void judge(void)
{
	uint32_t before = sent;

	HOLDS(read_register(1) == ((IOAPIC_PINS - 1) << 16 | 0x20));
	for (uint32_t i = 0; i < IOAPIC_PINS; i++)
		judge_pin(i);
	HOLDS(sent == before);
}

static void write_register(uint8_t index, uint32_t value)
{
	uint32_t half = index - ENTRIES, shift = half % 2 * 32;

	bus_write(&bus, SELECT, 4, index);
	if (half < 2 * IOAPIC_PINS) {
		struct pin *pin = &pins[half / 2];

		pin->entry = (pin->entry & ~(0xffffffffULL << shift)) | ((uint64_t)value << shift & WRITABLE);
		pin->entry = (pin->entry & WRITABLE);
		if (!is_level(pin))
			pin->waits = false;
	}
	bus_write(&bus, WINDOW, 4, value);
}

static void set_line(uint32_t i, bool level)
{
	struct pin *pin = &pins[i];
	bool tells = level && !pin->line && is_open(pin) && !is_level(pin);
	uint32_t before = sent;

	pin->line = level;
	changing = i;
	ioapic_set_line(&ioapic, i, level);
	changing = NO_PIN;
	HOLDS(is_level(pin) || sent - before == tells);
}

static void end(uint8_t vector, bool by_register)
{
	for (uint32_t i = 0; i < IOAPIC_PINS; i++)
		if ((pins[i].entry & 0xff) == vector)
			pins[i].waits = false;
	if (by_register)
		bus_write(&bus, END, 4, vector);
	else
		ioapic_end(&ioapic, vector);
}

/* Anywhere in the device, in any size: whole writes of a register are those that are judged above. */
static void stray(struct input *input)
{
	uint8_t how = input_u8(input);
	uint64_t address = IOAPIC_GPA + (input_u16(input) & (IOAPIC_SIZE - 1));

	if (how & 0x80 && address >= END + 8)
		bus_write(&bus, address, 1U << (how & 3), input_u64(input));
	else
		bus_read(&bus, address, 1U << (how & 3));
}

static void step(struct input *input)
{
	enum { STRAY, REGISTER, ENTRY, LINE, BY_REGISTER, STEPS = 6 };
	uint8_t kind = input_u8(input) % STEPS, which = input_u8(input);

	switch (kind) {
	case STRAY:
		stray(input);
		break;
	case REGISTER:
		write_register(which, input_u32(input));
		break;
	case ENTRY:
		/* Few pins and vectors, so that they meet. */
		write_register(ENTRIES + which % 8, input_u8(input) % 4 * 0x8000u + 0x30 + which / 64);
		break;
	case LINE:
		set_line(which / 2 % (which & 0x80 ? IOAPIC_PINS : 4), which & 1);
		break;
	default:
		end((uint8_t)(which & 0x80 ? which : 0x30 + which % 4), kind == BY_REGISTER);
	}
	judge();
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
	struct input input = { bytes, bytes + length };

	memset(pins, 0, sizeof(pins));
	memset(routed, 0, sizeof(routed));
	for (uint32_t i = 0; i < IOAPIC_PINS; i++)
		pins[i].entry = 1 << 16;
	sent = 0;
	changing = NO_PIN;
	bus.count = 0;
	ioapic_init(&ioapic, &ops, pins);
	HOLDS(bus_add(&bus, (struct bus_range){ IOAPIC_GPA, IOAPIC_SIZE, &ioapic_ops, &ioapic }) == 0);
	while (input_left(&input) > 0)
		step(&input);
	ioapic_deinit(&ioapic);
	return 0;
}
