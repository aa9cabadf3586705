#include "settings.h"

#include <errno.h>
#include <sys/ioctl.h>

static int enable(const struct machine *machine, uint32_t capability, uint64_t argument)
{
	struct kvm_enable_cap enable = { .cap = capability, .args = { argument } };

	return ioctl(machine->fd, KVM_ENABLE_CAP, &enable);
}

static int keep_in_guest(const struct machine *machine, uint32_t exits, struct vmm_error *error)
{
	int offered = ioctl(machine->fd, KVM_CHECK_EXTENSION, KVM_CAP_X86_DISABLE_EXITS);

	if (offered < 0 || (exits & ~(uint32_t)offered))
		return vmm_fail(error, ENOTSUP, "settings", "KVM_CAP_X86_DISABLE_EXITS", "exits 0x%x of 0x%x", exits,
				offered);
	if (enable(machine, KVM_CAP_X86_DISABLE_EXITS, exits) != 0)
		return vmm_fail(error, errno, "settings", "KVM_CAP_X86_DISABLE_EXITS", "exits 0x%x", exits);
	return 0;
}

int settings_apply(const struct machine *machine, const struct vmm_config *config, struct vmm_error *error)
{
	if (config->halt_poll_ns != VMM_HOST_DEFAULT && enable(machine, KVM_CAP_HALT_POLL, config->halt_poll_ns) != 0)
		return vmm_fail(error, errno, "settings", "KVM_CAP_HALT_POLL", "%u ns", config->halt_poll_ns);
	return config->no_exits ? keep_in_guest(machine, config->no_exits, error) : 0;
}
