#include "machine.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

/*
 * The kick. It is blocked in the vcpu's thread but while KVM_RUN has it in the guest, so it ends that call and is never
 * delivered: no handler, which would be a property of the whole process.
 */
#define KICK_SIGNAL SIGRTMIN

/* The kernel's sigset_t, which KVM_SET_SIGNAL_MASK takes. */
#define KERNEL_SIGSET_BYTES 8

#define STACK_BYTES (128 * 1024)

static int failed(struct vmm_error *error, const char *call, const struct vcpu *vcpu)
{
	return vmm_fail(error, errno, "vcpu", call, "vcpu %u", vcpu->index);
}

static int set_signal_mask(struct vcpu *vcpu)
{
	struct {
		struct kvm_signal_mask head;
		uint8_t set[KERNEL_SIGSET_BYTES];
	} mask = { .head = { .len = KERNEL_SIGSET_BYTES } };
	uint64_t blocked = ~(1ULL << (KICK_SIGNAL - 1));

	memcpy(mask.head.sigset, &blocked, sizeof(blocked));
	return ioctl(vcpu->fd, KVM_SET_SIGNAL_MASK, &mask);
}

int vcpu_init(struct vcpu *vcpu, struct machine *machine, uint32_t index, struct vmm_error *error)
{
	int bytes = ioctl(machine->kvm_fd, KVM_GET_VCPU_MMAP_SIZE, 0);

	vcpu->machine = machine;
	vcpu->index = index;
	vcpu->fd = -1;
	if (bytes < (int)sizeof(struct kvm_run))
		return failed(error, "KVM_GET_VCPU_MMAP_SIZE", vcpu);
	vcpu->fd = ioctl(machine->fd, KVM_CREATE_VCPU, (unsigned long)vmm_apic_id_of(&machine->topology, index));
	if (vcpu->fd < 0)
		return failed(error, "KVM_CREATE_VCPU", vcpu);
	vcpu->run_bytes = (size_t)bytes;
	vcpu->run = mmap(NULL, vcpu->run_bytes, PROT_READ | PROT_WRITE, MAP_SHARED, vcpu->fd, 0);
	if (vcpu->run == MAP_FAILED) {
		vcpu->run = NULL;
		return failed(error, "mmap", vcpu);
	}
	if (set_signal_mask(vcpu) != 0)
		return failed(error, "KVM_SET_SIGNAL_MASK", vcpu);
	return 0;
}

void vcpu_deinit(struct vcpu *vcpu)
{
	if (vcpu->run)
		munmap(vcpu->run, vcpu->run_bytes);
	if (vcpu->fd >= 0)
		close(vcpu->fd);
}

void vcpu_kick(struct vcpu *vcpu)
{
	if (vcpu->started)
		pthread_kill(vcpu->thread, KICK_SIGNAL);
}

static void handle_io(struct vcpu *vcpu)
{
	const struct kvm_run *run = vcpu->run;
	const struct bus *bus = &vcpu->machine->pio;
	uint8_t *data = (uint8_t *)vcpu->run + run->io.data_offset;

	for (uint32_t i = 0; i < run->io.count; i++, data += run->io.size) {
		uint64_t value = 0;

		if (run->io.direction == KVM_EXIT_IO_OUT) {
			memcpy(&value, data, run->io.size);
			bus_write(bus, run->io.port, run->io.size, value);
		} else {
			value = bus_read(bus, run->io.port, run->io.size);
			memcpy(data, &value, run->io.size);
		}
	}
}

static void handle_mmio(struct vcpu *vcpu)
{
	struct kvm_run *run = vcpu->run;
	const struct bus *bus = &vcpu->machine->mmio;
	uint64_t value = 0;

	if (run->mmio.is_write) {
		memcpy(&value, run->mmio.data, run->mmio.len);
		bus_write(bus, run->mmio.phys_addr, run->mmio.len, value);
	} else {
		value = bus_read(bus, run->mmio.phys_addr, run->mmio.len);
		memcpy(run->mmio.data, &value, run->mmio.len);
	}
}

static void end_internal(struct vcpu *vcpu)
{
	const struct kvm_run *run = vcpu->run;
	char detail[96];

	snprintf(detail, sizeof(detail), "KVM internal error %u, first datum 0x%llx", run->internal.suberror,
		 run->internal.ndata > 0 ? (unsigned long long)run->internal.data[0] : 0ULL);
	machine_end(vcpu->machine, vcpu, VMM_INTERNAL_ERROR, run->internal.suberror, detail);
}

static void end_failed_entry(struct vcpu *vcpu)
{
	uint64_t why = vcpu->run->fail_entry.hardware_entry_failure_reason;
	char detail[64];

	snprintf(detail, sizeof(detail), "the hardware refused the entry: 0x%llx", (unsigned long long)why);
	machine_end(vcpu->machine, vcpu, VMM_ENTRY_FAILED, (uint32_t)why, detail);
}

static void handle_exit(struct vcpu *vcpu)
{
	struct machine *machine = vcpu->machine;
	char detail[32];

	switch (vcpu->run->exit_reason) {
	case KVM_EXIT_IO:
		handle_io(vcpu);
		break;
	case KVM_EXIT_MMIO:
		handle_mmio(vcpu);
		break;
	case KVM_EXIT_INTR:
	case KVM_EXIT_IRQ_WINDOW_OPEN:
		break;
	case KVM_EXIT_HLT:
		machine_end(machine, vcpu, VMM_HALTED, 0, NULL);
		break;
	case KVM_EXIT_SHUTDOWN:
		machine_end(machine, vcpu, VMM_TRIPLE_FAULT, 0, NULL);
		break;
	case KVM_EXIT_SYSTEM_EVENT:
		machine_end(machine, vcpu,
			    vcpu->run->system_event.type == KVM_SYSTEM_EVENT_SHUTDOWN ? VMM_POWEROFF : VMM_RESET, 0,
			    NULL);
		break;
	case KVM_EXIT_FAIL_ENTRY:
		end_failed_entry(vcpu);
		break;
	case KVM_EXIT_INTERNAL_ERROR:
		end_internal(vcpu);
		break;
	default:
		snprintf(detail, sizeof(detail), "KVM exit %u", vcpu->run->exit_reason);
		machine_end(machine, vcpu, VMM_INTERNAL_ERROR, vcpu->run->exit_reason, detail);
	}
}

/* A kick stays pending when it has done its work. */
static void consume_kicks(void)
{
	const struct timespec at_once = { 0, 0 };
	sigset_t kick;

	sigemptyset(&kick);
	sigaddset(&kick, KICK_SIGNAL);
	while (sigtimedwait(&kick, NULL, &at_once) > 0)
		continue;
}

static void run_once(struct vcpu *vcpu)
{
	char detail[48];
	int err;

	if (ioctl(vcpu->fd, KVM_RUN, 0) == 0) {
		atomic_fetch_add_explicit(&vcpu->exits, 1, memory_order_relaxed);
		handle_exit(vcpu);
		return;
	}
	err = errno;
	if (err == EINTR) {
		consume_kicks();
		return;
	}
	if (err == EAGAIN)
		return;
	snprintf(detail, sizeof(detail), "KVM_RUN: errno %d", err);
	machine_end(vcpu->machine, vcpu, VMM_BROKEN, (uint32_t)err, detail);
}

static void *run(void *argument)
{
	struct vcpu *vcpu = argument;
	struct machine *machine = vcpu->machine;

	while (machine_may_run(machine))
		run_once(vcpu);
	machine_left(machine);
	return NULL;
}

/* Signals of the process are for the threads of its owner; the new thread has them all blocked from its first moment.
 */
int vcpu_start(struct vcpu *vcpu, struct vmm_error *error)
{
	pthread_attr_t attributes;
	sigset_t all, before;
	char name[16];
	int err;

	pthread_attr_init(&attributes);
	pthread_attr_setstacksize(&attributes, STACK_BYTES);
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	err = pthread_create(&vcpu->thread, &attributes, run, vcpu);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	pthread_attr_destroy(&attributes);
	if (err)
		return vmm_fail(error, err, "start", "pthread_create", "vcpu %u", vcpu->index);
	vcpu->started = 1;
	snprintf(name, sizeof(name), "ktstr-vcpu%u", vcpu->index);
	pthread_setname_np(vcpu->thread, name);
	return 0;
}
