#ifndef VMM_CONSOLE_H
#define VMM_CONSOLE_H

#include "virtio_mmio.h"

/* Control messages to the guest that wait for its buffers. A guest is told three things once; more is abuse. */
#define CONSOLE_MAX_PENDING 16

struct console_message {
	uint32_t port;
	uint16_t event, value;
};

/* The queue of frames, by the number that the guest gives with its notice. */
#define CONSOLE_FRAMES_QUEUE 5

/* virtio-console with two ports: 0 is kept free, 1 carries frames from the guest. */
struct console {
	/* First, so that a transport is its console. */
	struct virtio_mmio transport;
	const int *port_fd;
	uint32_t pending;
	struct console_message messages[CONSOLE_MAX_PENDING];
};

void console_init(struct console *console, const struct memory *memory, const int *port_fd, struct irq irq);
/* Carries what waits in the queue of frames, in whichever thread it is called. */
void console_carry(void *console);
void console_deinit(struct console *console);

#endif
