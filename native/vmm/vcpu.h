#ifndef VMM_VCPU_H
#define VMM_VCPU_H

#include "error.h"

#include <linux/kvm.h>
#include <pthread.h>
#include <stdatomic.h>

struct machine;

struct vcpu {
	struct machine *machine;
	uint32_t index;
	int fd;
	struct kvm_run *run;
	size_t run_bytes;
	pthread_t thread;
	/* There is a thread to join. */
	int started;
	/* Where and how the thread is to run; VMM_ANY_CPU and 0 leave it to the host. */
	int32_t host_cpu;
	uint32_t fifo_priority;
	/* While the thread runs; else 0. */
	atomic_int tid;
	_Atomic uint64_t exits;
	/* Of its timer, when that counts and the machine is paused. */
	uint32_t timer_left;
};

int vcpu_init(struct vcpu *vcpu, struct machine *machine, uint32_t index, struct vmm_error *error);
void vcpu_deinit(struct vcpu *vcpu);

int vcpu_start(struct vcpu *vcpu, struct vmm_error *error);

/* Does what the guest left for, as KVM's record of the vcpu says. */
void vcpu_handle_exit(struct vcpu *vcpu);

/* Makes the vcpu leave the guest, now or at its next entry. */
void vcpu_kick(struct vcpu *vcpu);

#endif
