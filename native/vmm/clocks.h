#ifndef VMM_CLOCKS_H
#define VMM_CLOCKS_H

#include <stdint.h>

struct machine;

/* The guest's clocks at the moment in which a pause stopped them. */
struct clocks {
	/* No vcpu could read them since. */
	int held;
	/* Of the host, and of KVM's clock of the guest at that same moment. */
	uint64_t tsc, kvmclock_ns;
};

/* Notes when the machine stopped, once in a pause. No vcpu is in the guest; the caller holds the lock. */
void clocks_hold(struct machine *machine);

/*
 * Lets the clocks go on from where they stood: TSC, KVM's clock, and the timers that follow them. Where KVM cannot move
 * all of them, none is, and the machine's information says so. Before a vcpu enters the guest; the caller holds the
 * lock.
 */
void clocks_release(struct machine *machine);

#endif
