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
	_Atomic uint64_t exits;
};

int vcpu_init(struct vcpu *vcpu, struct machine *machine, uint32_t index, struct vmm_error *error);
void vcpu_deinit(struct vcpu *vcpu);

int vcpu_start(struct vcpu *vcpu, struct vmm_error *error);

/* Makes the vcpu leave the guest, now or at its next entry. */
void vcpu_kick(struct vcpu *vcpu);

#endif
