#ifndef VMM_IRQ_H
#define VMM_IRQ_H

#include <stdint.h>

/* An input of the interrupt controllers that KVM emulates, held by one device. */
struct irq {
	const int *vm_fd;
	uint32_t gsi;
	uint32_t level;
};

/* Tells KVM only of changes. The caller holds the device's lock. */
void irq_set(struct irq *irq, uint32_t level);

#endif
