/*
 * A guest sees no time pass in a pause. Its TSC and KVM's clock go back by the same moment, so that neither drifts from
 * the other: "TSC and kvmclock" in Documentation/virt/kvm/devices/vcpu.rst, section 4.
 */
#include "clocks.h"
#include "machine.h"

#include <string.h>
#include <sys/ioctl.h>
#include <x86intrin.h>

#define MSR_TSC_DEADLINE 0x6e0
#define APIC_LVT_TIMER 0x320
#define APIC_TIMER_CURRENT 0x390
#define TIMER_MODE (3u << 17)
#define TIMER_MODE_DEADLINE (2u << 17)

/* A moment, by the clocks that KVM reads at once where the host's own clock is the TSC. */
static int read_moment(const struct machine *machine, struct kvm_clock_data *moment)
{
	*moment = (struct kvm_clock_data){ .flags = 0 };
	if (ioctl(machine->fd, KVM_GET_CLOCK, moment) != 0)
		return -1;
	if (!(moment->flags & KVM_CLOCK_HOST_TSC))
		moment->host_tsc = __rdtsc();
	return 0;
}

static uint32_t apic_register(const struct kvm_lapic_state *apic, uint32_t at)
{
	uint32_t value;

	memcpy(&value, apic->regs + at, sizeof(value));
	return value;
}

/* What a timer that counts has left; one with a deadline has that in its TSC. */
static uint32_t timer_left(const struct vcpu *vcpu)
{
	struct kvm_lapic_state apic;

	if (ioctl(vcpu->fd, KVM_GET_LAPIC, &apic) != 0 ||
	    (apic_register(&apic, APIC_LVT_TIMER) & TIMER_MODE) == TIMER_MODE_DEADLINE)
		return 0;
	return apic_register(&apic, APIC_TIMER_CURRENT);
}

void clocks_hold(struct machine *machine)
{
	struct clocks *clocks = &machine->clocks;
	struct kvm_clock_data now;

	if (clocks->held || read_moment(machine, &now) != 0)
		return;
	clocks->held = 1;
	clocks->tsc = now.host_tsc;
	clocks->kvmclock_ns = now.clock;
	for (uint32_t i = 0; i < machine->vcpu_count; i++)
		machine->vcpus[i].timer_left = timer_left(&machine->vcpus[i]);
}

/* An emulation of KVM may take an offset and not heed it. */
static int move_tsc(const struct vcpu *vcpu, uint64_t back)
{
	uint64_t offset, taken;
	struct kvm_device_attr attribute = {
		.group = KVM_VCPU_TSC_CTRL,
		.attr = KVM_VCPU_TSC_OFFSET,
		.addr = (uintptr_t)&offset,
	};

	if (ioctl(vcpu->fd, KVM_GET_DEVICE_ATTR, &attribute) != 0)
		return -1;
	offset -= back;
	taken = offset;
	if (ioctl(vcpu->fd, KVM_SET_DEVICE_ATTR, &attribute) != 0 ||
	    ioctl(vcpu->fd, KVM_GET_DEVICE_ATTR, &attribute) != 0)
		return -1;
	return offset == taken ? 0 : -1;
}

/* KVM waits for a timer by the host's clock, so it is to reckon anew. */
static void restart_deadline(const struct vcpu *vcpu)
{
	struct {
		struct kvm_msrs head;
		struct kvm_msr_entry entry;
	} msrs = { .head = { .nmsrs = 1 }, .entry = { .index = MSR_TSC_DEADLINE } };

	if (ioctl(vcpu->fd, KVM_GET_MSRS, &msrs) == 1 && msrs.entry.data != 0)
		(void)ioctl(vcpu->fd, KVM_SET_MSRS, &msrs);
}

static void restart_counter(const struct vcpu *vcpu)
{
	struct kvm_lapic_state apic;

	if (ioctl(vcpu->fd, KVM_GET_LAPIC, &apic) != 0)
		return;
	memcpy(apic.regs + APIC_TIMER_CURRENT, &vcpu->timer_left, sizeof(vcpu->timer_left));
	(void)ioctl(vcpu->fd, KVM_SET_LAPIC, &apic);
}

/* The guest learns that it was stopped, for its watchdogs; one that has not asked KVM for a clock need not. */
static void tell_of_gap(struct machine *machine)
{
	machine->info.clocks_run_on = 1;
	for (uint32_t i = 0; i < machine->vcpu_count; i++)
		(void)ioctl(machine->vcpus[i].fd, KVM_KVMCLOCK_CTRL, 0);
}

static int move_all(struct machine *machine)
{
	const struct clocks *clocks = &machine->clocks;
	struct kvm_clock_data now, then = { .clock = clocks->kvmclock_ns };

	if (read_moment(machine, &now) != 0)
		return -1;
	for (uint32_t i = 0; i < machine->vcpu_count; i++)
		if (move_tsc(&machine->vcpus[i], now.host_tsc - clocks->tsc) != 0)
			return -1;
	/* KVM adds what passes from the moment that was read to the call. */
	then.flags = now.flags & KVM_CLOCK_REALTIME;
	then.realtime = now.realtime;
	return ioctl(machine->fd, KVM_SET_CLOCK, &then);
}

void clocks_release(struct machine *machine)
{
	struct clocks *clocks = &machine->clocks;

	if (!clocks->held)
		return;
	clocks->held = 0;
	if (machine->info.clocks_run_on || move_all(machine) != 0) {
		tell_of_gap(machine);
		return;
	}
	for (uint32_t i = 0; i < machine->vcpu_count; i++)
		(machine->vcpus[i].timer_left ? restart_counter : restart_deadline)(&machine->vcpus[i]);
}
