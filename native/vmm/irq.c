#include "irq.h"

#include <linux/kvm.h>
#include <sys/ioctl.h>

void irq_set(struct irq *irq, uint32_t level)
{
	struct kvm_irq_level line = { .irq = irq->gsi, .level = level };

	if (irq->level == level)
		return;
	irq->level = level;
	if (irq->ioapic) {
		ioapic_set_line(irq->ioapic, irq->gsi, level);
		return;
	}
	/* Fails only for a machine without controllers, whose guest has no use for interrupts. */
	(void)ioctl(*irq->vm_fd, KVM_IRQ_LINE, &line);
}
