#ifndef VMM_WATCH_H
#define VMM_WATCH_H

struct vcpu;

/* Tells of the watchpoints that have just taken a vcpu out of the guest. */
void watch_hit(struct vcpu *vcpu);

#endif
