#ifndef VMM_SPLIT_IRQCHIP_H
#define VMM_SPLIT_IRQCHIP_H

#include "error.h"
#include "ioapic.h"

/* The IOAPIC's way into KVM; its receiver is the descriptor of the machine, as an int. */
extern const struct ioapic_ops split_irqchip_ops;

/* KVM has the local APICs alone, with ids of 32 bits. Before the vcpus are made. */
int split_irqchip_create(int vm_fd, struct vmm_error *error);

#endif
