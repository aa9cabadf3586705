/* The ABI: what the owner of a machine reads of it, and writes into its memory. */
#include "machine.h"
#include "vcpu_state.h"

#include <errno.h>
#include <string.h>
#include <sys/ioctl.h>

void vmm_info(struct vmm *vmm, struct vmm_info *info)
{
	struct machine *machine = &vmm->machine;

	pthread_mutex_lock(&machine->lock);
	*info = machine->info;
	info->exits = 0;
	for (uint32_t i = 0; i < machine->vcpu_count; i++)
		info->exits += atomic_load_explicit(&machine->vcpus[i].exits, memory_order_relaxed);
	pthread_mutex_unlock(&machine->lock);
}

/* KVM keeps whoever asks for something of a vcpu waiting while that is in the guest. */
static int check_idle(const struct machine *machine, uint32_t vcpu, const char *call, struct vmm_error *error)
{
	if (vcpu >= machine->vcpu_count)
		return vmm_fail(error, ENOENT, "inspect", call, "vcpu %u of %u", vcpu, machine->vcpu_count);
	return machine_is_idle(machine) ? 0 : vmm_fail(error, EBUSY, "inspect", call, "the machine runs");
}

int vmm_registers(struct vmm *vmm, uint32_t vcpu, struct vmm_registers *registers, struct vmm_error *error)
{
	struct machine *machine = &vmm->machine;
	int err;

	pthread_mutex_lock(&machine->lock);
	err = check_idle(machine, vcpu, "vmm_registers", error);
	if (!err)
		err = vcpu_state_read(&machine->vcpus[vcpu], registers, error);
	pthread_mutex_unlock(&machine->lock);
	return err;
}

int vmm_stats(struct vmm *vmm, uint32_t vcpu, struct vmm_error *error)
{
	struct machine *machine = &vmm->machine;
	int fd, err = 0;

	pthread_mutex_lock(&machine->lock);
	if (vcpu != VMM_MACHINE)
		err = check_idle(machine, vcpu, "vmm_stats", error);
	if (err) {
		fd = err;
	} else {
		fd = ioctl(vcpu == VMM_MACHINE ? machine->fd : machine->vcpus[vcpu].fd, KVM_GET_STATS_FD, 0);
		if (fd < 0)
			fd = vmm_fail(error, errno, "inspect", "KVM_GET_STATS_FD", "vcpu %d", (int)vcpu);
	}
	pthread_mutex_unlock(&machine->lock);
	return fd;
}

int32_t vmm_thread(struct vmm *vmm, uint32_t vcpu)
{
	const struct machine *machine = &vmm->machine;

	return vcpu < machine->vcpu_count ? atomic_load(&machine->vcpus[vcpu].tid) : 0;
}

int vmm_range_at(struct vmm *vmm, uint32_t index, struct vmm_range *out)
{
	const struct memory *memory = &vmm->machine.memory;

	if (index >= memory->range_count)
		return -ENOENT;
	*out = (struct vmm_range){
		.gpa = memory->ranges[index].gpa,
		.bytes = memory->ranges[index].bytes,
		.address = (uintptr_t)(memory->base + memory->ranges[index].offset),
		.offset = memory->ranges[index].offset,
		.node = memory->ranges[index].node,
		.fd = memory->fd,
	};
	return 0;
}

int vmm_read(struct vmm *vmm, uint64_t gpa, void *out, uint64_t length)
{
	const void *from = memory_at(&vmm->machine.memory, gpa, length);

	if (!from)
		return -EFAULT;
	/* A caller that wants nothing may have no place for it. */
	if (length > 0)
		memcpy(out, from, length);
	return 0;
}

int vmm_write(struct vmm *vmm, uint64_t gpa, const void *from, uint64_t length)
{
	void *out = memory_at(&vmm->machine.memory, gpa, length);

	if (!out)
		return -EFAULT;
	if (length > 0)
		memcpy(out, from, length);
	return 0;
}
