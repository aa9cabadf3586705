/* The devices behind ports: a UART, the clock, and what ends the machine. Each is judged by a model of its own. */
#include "cmos.h"
#include "host.h"
#include "input.h"
#include "invariant.h"
#include "power.h"
#include "serial.h"
#include "vmm.h"

#include <linux/serial_reg.h>
#include <stdbool.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length);

#define SLEEP_CONTROL (PM_PORT + 4)
#define I8042_COMMAND (I8042_PORT + 4)
#define PULSE_RESET 0xfe

static struct serial serial;
static struct cmos cmos;
static struct power power;
static struct bus bus;
static uint32_t ends, last_end;

static void count_end(void *vmm, uint32_t kind)
{
	HOLDS(vmm == &power);
	HOLDS(kind == VMM_POWEROFF || kind == VMM_RESET);
	last_end = kind;
	ends++;
}

/* The line as it has to be, whole or not. */
static struct {
	uint8_t first, last;
	size_t length;
} line;

static void judge_line(uint64_t writes, bool is_passed_on)
{
	HOLDS(host.writes - writes == is_passed_on);
	if (!is_passed_on)
		return;
	HOLDS(host.length == line.length && host.first == line.first && host.last == line.last);
	line.length = 0;
}

/* What the UART may have sent for this access: the byte, if it went into the transmitter, with those before it. */
static void judge_sent(const struct serial *before, uint64_t port, uint64_t value, uint64_t writes)
{
	bool sends = port == COM1_PORT + UART_TX && !(before->lcr & UART_LCR_DLAB) && !(before->mcr & UART_MCR_LOOP);

	if (sends) {
		line.last = (uint8_t)value;
		line.first = line.length++ == 0 ? line.last : line.first;
	}
	judge_line(writes, sends && (line.last == '\n' || line.length == SERIAL_LINE_BYTES));
}

static void judge_flush(void)
{
	const uint64_t writes = host.writes;

	serial_flush(&serial);
	judge_line(writes, line.length > 0);
}

static void judge_end(uint64_t port, uint64_t value, uint32_t before)
{
	bool is_reset = (port == I8042_COMMAND && (value & 0xff) == PULSE_RESET) || (port == RESET_PORT && (value & 4));
	bool may_be_off = port == SLEEP_CONTROL && (value & 0x2000);

	HOLDS(ends - before <= 1);
	HOLDS(ends == before || (last_end == VMM_RESET ? is_reset : may_be_off));
	HOLDS(!is_reset || ends == before + 1);
}

static void judge_irq(void)
{
	HOLDS(host.irq_level == ((serial.ier & UART_IER_THRI) && serial.empty_pending));
	HOLDS(host.irq_level == serial.irq.level);
}

static void write_port(uint64_t port, uint32_t size, uint64_t value)
{
	const struct serial before = serial;
	const uint64_t writes = host.writes;
	const uint32_t ends_before = ends;
	/* An access that reaches behind a device is nobody's. */
	bool is_whole = port + size <= COM1_PORT + SERIAL_PORTS || port > COM1_PORT + SERIAL_PORTS;

	bus_write(&bus, port, size, value);
	if (is_whole)
		judge_sent(&before, port, value, writes);
	judge_irq();
	if (size == 1 || port == SLEEP_CONTROL)
		judge_end(port, value, ends_before);
}

/* The clock counts in digits. Only registers that are digits are looked at. */
static void judge_clock(void)
{
	static const uint8_t digits[] = { 0, 2, 4, 6, 7, 8, 9, 50 };

	for (size_t i = 0; i < sizeof(digits); i++) {
		uint64_t value;

		bus_write(&bus, CMOS_PORT, 1, digits[i]);
		value = bus_read(&bus, CMOS_PORT + 1, 1);
		HOLDS((value & 15) <= 9 && value >> 4 <= 9);
	}
}

static void read_port(uint64_t port, uint32_t size)
{
	const uint64_t writes = host.writes;
	const uint32_t before = ends;
	uint64_t value = bus_read(&bus, port, size);

	HOLDS(host.writes == writes && ends == before);
	HOLDS(port != COM1_PORT + UART_LSR || size > 1 || value == (UART_LSR_TEMT | UART_LSR_THRE));
	judge_irq();
}

static uint64_t take_port(struct input *input)
{
	static const uint64_t starts[] = {
		COM1_PORT, COM1_PORT, COM1_PORT, CMOS_PORT, PM_PORT, I8042_PORT, RESET_PORT
	};
	uint8_t which = input_u8(input) & 7;

	return which == sizeof(starts) / sizeof(starts[0]) ? input_u16(input) : starts[which] + input_u8(input) % 9;
}

/* As an instruction that repeats does. */
static void write_string(uint64_t port, uint32_t size, uint32_t count, struct input *input)
{
	uint8_t value = input_u8(input);

	for (; count > 0; count--)
		write_port(port, size, value);
}

static void step(struct input *input)
{
	uint8_t how = input_u8(input);
	uint64_t port = take_port(input);
	uint32_t size = how & 0x30 ? 1 : 1U << (how & 3);

	if (how & 0x80)
		write_string(port, size, how & 0x08 ? input_u8(input) : 1, input);
	else if (how & 0x40)
		write_port(port, size, input_u64(input));
	else
		read_port(port, size);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
	struct input input = { bytes, bytes + length };
	static const int no_vm = -1, fd = HOST_FD;

	host = (struct host){ .irq_level = 0 };
	ends = 0;
	line.length = 0;
	bus.count = 0;
	power = (struct power){ .end = count_end, .vmm = &power };
	serial_init(&serial, &fd, (struct irq){ .vm_fd = &no_vm, .gsi = COM1_GSI });
	cmos_init(&cmos);
	HOLDS(bus_add(&bus, (struct bus_range){ COM1_PORT, SERIAL_PORTS, &serial_ops, &serial }) == 0);
	HOLDS(bus_add(&bus, (struct bus_range){ CMOS_PORT, CMOS_PORTS, &cmos_ops, &cmos }) == 0);
	HOLDS(bus_add(&bus, (struct bus_range){ PM_PORT, PM_PORTS, &pm_ops, &power }) == 0);
	HOLDS(bus_add(&bus, (struct bus_range){ I8042_PORT, I8042_PORTS, &i8042_ops, &power }) == 0);
	HOLDS(bus_add(&bus, (struct bus_range){ RESET_PORT, 1, &reset_ops, &power }) == 0);
	while (input_left(&input) > 0)
		step(&input);
	judge_clock();
	judge_flush();
	serial_deinit(&serial);
	cmos_deinit(&cmos);
	return 0;
}
