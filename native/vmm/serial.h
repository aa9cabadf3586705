#ifndef VMM_SERIAL_H
#define VMM_SERIAL_H

#include "bus.h"
#include "irq.h"

#include <pthread.h>

#define COM1_PORT 0x3f8
#define COM1_GSI 4
#define COM2_PORT 0x2f8
#define COM2_GSI 3
#define SERIAL_PORTS 8

/* Of a line that is passed on in parts. */
#define SERIAL_LINE_BYTES 256

/*
 * A 16550A that sends at once and never receives. What it sends is passed on by the line: a system call, and a wake of
 * whoever reads, for each byte take longer than the byte.
 */
struct serial {
	pthread_mutex_t lock;
	struct irq irq;
	const int *fd;
	/* Of the line that is not whole yet. */
	uint8_t line[SERIAL_LINE_BYTES];
	uint32_t held;
	uint8_t ier, lcr, mcr, scr, fcr;
	uint8_t divisor_low, divisor_high;
	/* The transmitter became empty and the guest was not told yet. */
	uint8_t empty_pending;
};

extern const struct device_ops serial_ops;

void serial_init(struct serial *serial, const int *fd, struct irq irq);
/* Passes on what is held, in whichever thread it is called. */
void serial_flush(struct serial *serial);
void serial_deinit(struct serial *serial);

#endif
