#include "machine.h"
#include "thread.h"

#include <errno.h>
#include <sched.h>
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
	vcpu->host_cpu = VMM_ANY_CPU;
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
		vcpu_handle_exit(vcpu);
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

	atomic_store(&vcpu->tid, gettid());
	while (machine_may_run(machine))
		run_once(vcpu);
	atomic_store(&vcpu->tid, 0);
	machine_left(machine);
	return NULL;
}

/* Glibc puts the thread where it is told to before it runs, and tells of an error. */
static int place(const struct vcpu *vcpu, pthread_attr_t *attributes)
{
	const struct sched_param priority = { .sched_priority = (int)vcpu->fifo_priority };
	cpu_set_t cpus;
	int err = 0;

	CPU_ZERO(&cpus);
	if (vcpu->host_cpu != VMM_ANY_CPU) {
		CPU_SET((size_t)vcpu->host_cpu, &cpus);
		err = pthread_attr_setaffinity_np(attributes, sizeof(cpus), &cpus);
	}
	if (err || vcpu->fifo_priority == 0)
		return err;
	err = pthread_attr_setinheritsched(attributes, PTHREAD_EXPLICIT_SCHED);
	if (!err)
		err = pthread_attr_setschedpolicy(attributes, SCHED_FIFO);
	return err ? err : pthread_attr_setschedparam(attributes, &priority);
}

int vcpu_start(struct vcpu *vcpu, struct vmm_error *error)
{
	pthread_attr_t attributes;
	char name[16];
	int err;

	snprintf(name, sizeof(name), "ktstr-vcpu%u", vcpu->index);
	pthread_attr_init(&attributes);
	err = place(vcpu, &attributes);
	if (!err)
		err = thread_start(&vcpu->thread, &attributes, name, run, vcpu);
	pthread_attr_destroy(&attributes);
	if (err)
		return vmm_fail(error, err, "start", "pthread_create", "vcpu %u on host CPU %d with priority %u",
				vcpu->index, vcpu->host_cpu, vcpu->fifo_priority);
	vcpu->started = 1;
	return 0;
}
