#include "split_irqchip.h"

#include <errno.h>
#include <linux/kvm.h>
#include <sys/ioctl.h>

int split_irqchip_create(int vm_fd, struct vmm_error *error)
{
	struct kvm_enable_cap split = { .cap = KVM_CAP_SPLIT_IRQCHIP, .args = { IOAPIC_PINS } };
	struct kvm_enable_cap wide_ids = {
		.cap = KVM_CAP_X2APIC_API,
		.args = { KVM_X2APIC_API_USE_32BIT_IDS | KVM_X2APIC_API_DISABLE_BROADCAST_QUIRK },
	};

	if (ioctl(vm_fd, KVM_ENABLE_CAP, &split) != 0)
		return vmm_fail(error, errno, "open", "KVM_CAP_SPLIT_IRQCHIP", "%d pins", IOAPIC_PINS);
	if (ioctl(vm_fd, KVM_ENABLE_CAP, &wide_ids) != 0)
		return vmm_fail(error, errno, "open", "KVM_CAP_X2APIC_API", "-");
	return 0;
}

static void send(void *receiver, const struct ioapic_message *message)
{
	const int *vm_fd = receiver;
	struct kvm_msi msi = {
		.address_lo = message->address_low,
		.address_hi = message->address_high,
		.data = message->data,
	};

	/* 0 says that the guest has blocked it, as on hardware. */
	(void)ioctl(*vm_fd, KVM_SIGNAL_MSI, &msi);
}

/* KVM tells of the end of an interrupt by the routes of the first pins, and of that alone: see KVM_CAP_SPLIT_IRQCHIP.
 */
static void route(void *receiver, const struct ioapic_message messages[IOAPIC_PINS])
{
	const int *vm_fd = receiver;
	struct {
		struct kvm_irq_routing head;
		struct kvm_irq_routing_entry entries[IOAPIC_PINS];
	} table = { .head = { .nr = 0 } };

	for (uint32_t pin = 0; pin < IOAPIC_PINS; pin++) {
		const struct ioapic_message *message = &messages[pin];

		if (message->data)
			table.entries[table.head.nr++] = (struct kvm_irq_routing_entry){
				.gsi = pin,
				.type = KVM_IRQ_ROUTING_MSI,
				.u.msi = { .address_lo = message->address_low,
					   .address_hi = message->address_high,
					   .data = message->data },
			};
	}
	/* Of as many entries, KVM has room for each; without memory for them the guest misses an end. */
	(void)ioctl(*vm_fd, KVM_SET_GSI_ROUTING, &table);
}

const struct ioapic_ops split_irqchip_ops = { .send = send, .route = route };
