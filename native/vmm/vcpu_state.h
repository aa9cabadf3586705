#ifndef VMM_VCPU_STATE_H
#define VMM_VCPU_STATE_H

#include "machine.h"

/* CPUID, MSRs, local APIC and, on the first vcpu, the registers of the boot mode. */
int vcpu_state_set(struct vcpu *vcpu, const struct boot *boot, struct vmm_error *error);

int vcpu_state_read(struct vcpu *vcpu, struct vmm_registers *registers, struct vmm_error *error);

#endif
