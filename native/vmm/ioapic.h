#ifndef VMM_IOAPIC_H
#define VMM_IOAPIC_H

#include "bus.h"

#include <pthread.h>

#define IOAPIC_GPA 0xfec00000ULL
#define IOAPIC_SIZE 0x1000
#define IOAPIC_PINS 24

/* An interrupt as a device would write it to the local APICs, with destinations of 32 bits as KVM takes them. */
struct ioapic_message {
	uint32_t address_low, address_high, data;
};

/* Where messages go. Both are called with the lock held. */
struct ioapic_ops {
	void (*send)(void *receiver, const struct ioapic_message *message);
	/*
	 * Which messages the pins send from now on, so that the end of one that is level-triggered is told of. Those
	 * that send none are zero.
	 */
	void (*route)(void *receiver, const struct ioapic_message messages[IOAPIC_PINS]);
};

/* An 82093AA with the register for ends of interrupts, and with destinations of 15 bits. */
struct ioapic {
	pthread_mutex_t lock;
	const struct ioapic_ops *ops;
	void *receiver;
	uint8_t index;
	uint32_t id;
	/* A bit per pin. */
	uint32_t lines;
	uint64_t entries[IOAPIC_PINS];
};

extern const struct device_ops ioapic_ops;

void ioapic_init(struct ioapic *ioapic, const struct ioapic_ops *ops, void *receiver);
void ioapic_deinit(struct ioapic *ioapic);

/* A device's input has another level than before. */
void ioapic_set_line(struct ioapic *ioapic, uint32_t pin, uint32_t level);

/* A CPU has handled an interrupt of this vector. */
void ioapic_end(struct ioapic *ioapic, uint8_t vector);

#endif
