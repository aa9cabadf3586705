#include "offers.h"

#include <errno.h>
#include <sys/ioctl.h>

#define WIDE_IDS (KVM_X2APIC_API_USE_32BIT_IDS | KVM_X2APIC_API_DISABLE_BROADCAST_QUIRK)

/* What must be offered, as a number or as bits, for a machine of one kind. */
struct need {
	uint32_t capability;
	const char *name;
	uint32_t bits;
};

static uint32_t offered(const struct machine *machine, uint32_t capability)
{
	int value = ioctl(machine->fd, KVM_CHECK_EXTENSION, capability);

	return value < 0 ? 0 : (uint32_t)value;
}

static int check_numbers(const struct machine *machine, struct vmm_error *error)
{
	uint32_t count = vmm_cpus(&machine->topology), max_id = vmm_max_apic_id(&machine->topology);
	uint32_t max_count = offered(machine, KVM_CAP_MAX_VCPUS), ids = offered(machine, KVM_CAP_MAX_VCPU_ID);

	if (count > max_count)
		return vmm_fail(error, ENOTSUP, "configure", "KVM_CAP_MAX_VCPUS",
				"the host's KVM takes %u vcpus, this topology has %u", max_count, count);
	/* Where it is not told, ids are numbers of vcpus. */
	if (max_id >= (ids ? ids : max_count))
		return vmm_fail(error, ENOTSUP, "configure", "KVM_CAP_MAX_VCPU_ID",
				"the host's KVM takes APIC ids below %u, this topology has ids up to %u",
				ids ? ids : max_count, max_id);
	return 0;
}

int offers_check(const struct machine *machine, struct vmm_error *error)
{
	static const struct need of_wide_ids[] = {
		{ KVM_CAP_SPLIT_IRQCHIP, "KVM_CAP_SPLIT_IRQCHIP", 1 },
		{ KVM_CAP_X2APIC_API, "KVM_CAP_X2APIC_API", WIDE_IDS },
		{ KVM_CAP_SIGNAL_MSI, "KVM_CAP_SIGNAL_MSI", 1 },
	};
	int err = check_numbers(machine, error);

	if (err || !machine->has_split_irqchip)
		return err;
	for (size_t i = 0; i < sizeof(of_wide_ids) / sizeof(of_wide_ids[0]); i++) {
		const struct need *need = &of_wide_ids[i];

		if ((offered(machine, need->capability) & need->bits) != need->bits)
			return vmm_fail(error, ENOTSUP, "configure", need->name,
					"APIC ids up to %u need it, and the host's KVM does not have it",
					vmm_max_apic_id(&machine->topology));
	}
	return 0;
}
