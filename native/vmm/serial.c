/* Registers and bits: National Semiconductor PC16550D; names as in linux/serial_reg.h. */
#include "serial.h"
#include "line.h"

#include <linux/serial_reg.h>

#define FIFO_ENABLED_IIR 0xc0
#define IER_BITS 0x0f
#define MCR_BITS 0x1f

void serial_init(struct serial *serial, const int *fd, struct irq irq)
{
	*serial = (struct serial){ .irq = irq, .fd = fd, .lcr = UART_LCR_WLEN8, .divisor_low = 1 };
	pthread_mutex_init(&serial->lock, NULL);
}

void serial_deinit(struct serial *serial)
{
	pthread_mutex_destroy(&serial->lock);
}

static void update_irq(struct serial *serial)
{
	irq_set(&serial->irq, (serial->ier & UART_IER_THRI) && serial->empty_pending);
}

static uint8_t identify_interrupt(struct serial *serial)
{
	uint8_t fifo = serial->fcr & UART_FCR_ENABLE_FIFO ? FIFO_ENABLED_IIR : 0;

	if (!(serial->ier & UART_IER_THRI) || !serial->empty_pending)
		return fifo | UART_IIR_NO_INT;
	serial->empty_pending = 0;
	return fifo | UART_IIR_THRI;
}

/* In loopback the outputs of the modem control come back as its inputs. */
static uint8_t modem_status(const struct serial *serial)
{
	uint8_t status = 0;

	if (!(serial->mcr & UART_MCR_LOOP))
		return UART_MSR_DCD | UART_MSR_DSR | UART_MSR_CTS;
	status |= serial->mcr & UART_MCR_RTS ? UART_MSR_CTS : 0;
	status |= serial->mcr & UART_MCR_DTR ? UART_MSR_DSR : 0;
	status |= serial->mcr & UART_MCR_OUT1 ? UART_MSR_RI : 0;
	status |= serial->mcr & UART_MCR_OUT2 ? UART_MSR_DCD : 0;
	return status;
}

static uint8_t read_register(struct serial *serial, uint64_t offset)
{
	int divisor = serial->lcr & UART_LCR_DLAB;

	switch (offset) {
	case UART_RX:
		return divisor ? serial->divisor_low : 0;
	case UART_IER:
		return divisor ? serial->divisor_high : serial->ier;
	case UART_IIR:
		return identify_interrupt(serial);
	case UART_LCR:
		return serial->lcr;
	case UART_MCR:
		return serial->mcr;
	case UART_LSR:
		return UART_LSR_TEMT | UART_LSR_THRE;
	case UART_MSR:
		return modem_status(serial);
	default:
		return serial->scr;
	}
}

/* A reader that is out of space loses bytes; the guest is not held up by it. */
static void pass_on(struct serial *serial)
{
	line_write(*serial->fd, serial->line, serial->held);
	serial->held = 0;
}

void serial_flush(struct serial *serial)
{
	pthread_mutex_lock(&serial->lock);
	if (serial->held > 0)
		pass_on(serial);
	pthread_mutex_unlock(&serial->lock);
}

static void send(struct serial *serial, uint8_t byte)
{
	serial->line[serial->held++] = byte;
	if (byte == '\n' || serial->held == SERIAL_LINE_BYTES)
		pass_on(serial);
}

static void transmit(struct serial *serial, uint8_t byte)
{
	if (!(serial->mcr & UART_MCR_LOOP))
		send(serial, byte);
	serial->empty_pending = 1;
}

static void enable_interrupts(struct serial *serial, uint8_t bits)
{
	/* Asking to be told of an empty transmitter tells of the one that is empty already. */
	if ((bits & UART_IER_THRI) && !(serial->ier & UART_IER_THRI))
		serial->empty_pending = 1;
	serial->ier = bits & IER_BITS;
}

static void write_register(struct serial *serial, uint64_t offset, uint8_t value)
{
	int divisor = serial->lcr & UART_LCR_DLAB;

	switch (offset) {
	case UART_TX:
		if (divisor)
			serial->divisor_low = value;
		else
			transmit(serial, value);
		break;
	case UART_IER:
		if (divisor)
			serial->divisor_high = value;
		else
			enable_interrupts(serial, value);
		break;
	case UART_FCR:
		serial->fcr = value;
		break;
	case UART_LCR:
		serial->lcr = value;
		break;
	case UART_MCR:
		serial->mcr = value & MCR_BITS;
		break;
	case UART_SCR:
		serial->scr = value;
		break;
	default:
		break;
	}
}

static uint64_t serial_read(void *device, struct access access)
{
	struct serial *serial = device;
	uint8_t value;

	pthread_mutex_lock(&serial->lock);
	value = read_register(serial, access.offset);
	update_irq(serial);
	pthread_mutex_unlock(&serial->lock);
	return value;
}

static void serial_write(void *device, struct access access, uint64_t value)
{
	struct serial *serial = device;

	pthread_mutex_lock(&serial->lock);
	write_register(serial, access.offset, (uint8_t)value);
	update_irq(serial);
	pthread_mutex_unlock(&serial->lock);
}

const struct device_ops serial_ops = { .read = serial_read, .write = serial_write };
