/* Write watchpoints, which are in the debug registers of the host's CPU while a vcpu runs. */
#include "watch.h"
#include "line.h"
#include "machine.h"

#include <errno.h>
#include <sys/ioctl.h>

_Static_assert(DEBUG_SLOTS == VMM_WATCHPOINTS, "a slot is a debug register");

static int set_debug_registers(const struct vcpu *vcpu)
{
	struct kvm_guest_debug debug = { .control = 0 };
	uint64_t registers[8] = { 0 };

	if (debug_registers_fill(vcpu->machine->watches, registers) > 0)
		debug.control = KVM_GUESTDBG_ENABLE | KVM_GUESTDBG_USE_HW_BP;
	for (uint32_t i = 0; i < 8; i++)
		debug.arch.debugreg[i] = registers[i];
	return ioctl(vcpu->fd, KVM_SET_GUEST_DEBUG, &debug);
}

static int check(const struct machine *machine, uint32_t slot, const struct watch *watch, struct vmm_error *error)
{
	uint32_t bytes = watch->bytes;

	if (slot >= VMM_WATCHPOINTS || bytes > 8 || (bytes & (bytes - 1)) != 0 || watch->address & (bytes - 1))
		return vmm_fail(error, EINVAL, "watch", "vmm_watch", "slot %u, %u bytes at 0x%llx", slot, bytes,
				(unsigned long long)watch->address);
	if (!machine_is_idle(machine))
		return vmm_fail(error, EBUSY, "watch", "vmm_watch", "the machine runs");
	return 0;
}

/* Either all vcpus have the watchpoint, or none. */
static int set(struct machine *machine, uint32_t slot, const struct watch *watch, struct vmm_error *error)
{
	const struct watch before = machine->watches[slot];
	uint32_t done = 0;
	int err = 0;

	machine->watches[slot] = *watch;
	for (; done < machine->vcpu_count && !err; done += !err)
		if (set_debug_registers(&machine->vcpus[done]) != 0)
			err = vmm_fail(error, errno, "watch", "KVM_SET_GUEST_DEBUG", "vcpu %u", done);
	if (!err)
		return 0;
	machine->watches[slot] = before;
	while (done > 0)
		set_debug_registers(&machine->vcpus[--done]);
	return err;
}

int vmm_watch(struct vmm *vmm, uint32_t slot, uint64_t address, uint32_t bytes, uint32_t pauses,
	      struct vmm_error *error)
{
	struct machine *machine = &vmm->machine;
	const struct watch watch = { bytes ? address : 0, bytes, pauses };
	int err;

	pthread_mutex_lock(&machine->lock);
	err = check(machine, slot, &watch, error);
	if (!err)
		err = set(machine, slot, &watch, error);
	pthread_mutex_unlock(&machine->lock);
	return err;
}

void watch_hit(struct vcpu *vcpu)
{
	const struct kvm_debug_exit_arch *debug = &vcpu->run->debug.arch;
	struct machine *machine = vcpu->machine;
	uint32_t hits;

	pthread_mutex_lock(&machine->lock);
	hits = debug_registers_hits(machine->watches, debug->dr6);
	for (uint32_t slot = 0; slot < VMM_WATCHPOINTS; slot++) {
		const struct watch *watch = &machine->watches[slot];
		const struct vmm_hit hit = { .rip = debug->pc,
					     .address = watch->address,
					     .vcpu = vcpu->index,
					     .slot = slot,
					     .pauses = watch->pauses };

		if (!(hits >> slot & 1))
			continue;
		line_write(machine->hits_fd, &hit, sizeof(hit));
		if (watch->pauses)
			machine_hold(machine);
	}
	pthread_mutex_unlock(&machine->lock);
}
