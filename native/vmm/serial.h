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

/* A 16550A that sends at once and never receives. */
struct serial {
	pthread_mutex_t lock;
	struct irq irq;
	const int *fd;
	uint8_t ier, lcr, mcr, scr, fcr;
	uint8_t divisor_low, divisor_high;
	/* The transmitter became empty and the guest was not told yet. */
	uint8_t empty_pending;
};

extern const struct device_ops serial_ops;

void serial_init(struct serial *serial, const int *fd, struct irq irq);
void serial_deinit(struct serial *serial);

#endif
