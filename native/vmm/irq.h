#ifndef VMM_IRQ_H
#define VMM_IRQ_H

#include "ioapic.h"

/* An input of the interrupt controllers, held by one device. */
struct irq {
	const int *vm_fd;
	/* NULL where KVM emulates them all. */
	struct ioapic *ioapic;
	uint32_t gsi;
	uint32_t level;
};

/* Tells only of changes. The caller holds the device's lock. */
void irq_set(struct irq *irq, uint32_t level);

#endif
