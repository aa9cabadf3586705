#ifndef VMM_MACHINE_H
#define VMM_MACHINE_H

#include "acpi/acpi.h"
#include "boot.h"
#include "bus.h"
#include "clocks.h"
#include "cmos.h"
#include "console.h"
#include "debug_registers.h"
#include "kicks.h"
#include "ioapic.h"
#include "memory.h"
#include "pic.h"
#include "power.h"
#include "serial.h"
#include "topology.h"
#include "vcpu.h"
#include "watch.h"

#define CONSOLE_GPA 0xd0000000ULL
#define CONSOLE_GSI 5

/*
 * A machine. `lock` guards what the vcpus meet over: `paused`, `stopping`, the counts and the end. The devices have
 * locks of their own; no lock is taken while a device's is held but that one and, last, the IOAPIC's.
 */
struct machine {
	int kvm_fd, fd;
	struct vmm_topology topology;
	uint32_t image;
	/* Those with memory alone included. */
	uint32_t node_count;
	int tells_of_memory;
	struct acpi_node_memory node_memory[MAX_NUMA_NODES];
	/* KVM has the local APICs alone: the IOAPIC that it emulates does not reach the ids of all vcpus. */
	int has_split_irqchip;
	struct memory memory;
	struct bus pio, mmio;
	struct serial com1, com2;
	struct console console;
	struct kicks kicks;
	struct cmos cmos;
	struct power power;
	struct ioapic ioapic;
	struct pic pics[2];
	int com1_fd, com2_fd, port_fd, hits_fd;
	int done_write_fd;

	uint32_t vcpu_count;
	struct vcpu *vcpus;

	pthread_mutex_t lock;
	pthread_cond_t changed;
	/* True when a vcpu has to look at what is below before it enters the guest. */
	atomic_int attention;
	int started, paused, stopping;
	/* Vcpus in their loop, and those of them that wait for the end of a pause. */
	uint32_t running, waiting;
	struct clocks clocks;
	struct vmm_info info;
	struct watch watches[DEBUG_SLOTS];
};

struct vmm {
	struct machine machine;
};

static inline struct vmm_topology topology_of(const struct vmm_config *config)
{
	return (struct vmm_topology){
		.numa_nodes = config->numa_nodes,
		.llcs = config->llcs,
		.cores = config->cores,
		.threads = config->threads,
		.min_llc_bits = config->apic_llc_bits,
	};
}

/* The devices are there from the start; everything else is missing until it is built. */
void machine_init(struct machine *machine, const struct vmm_config *config);
int machine_build(struct machine *machine, const struct vmm_config *config, const struct vmm_node *nodes,
		  const char *cmdline, struct vmm_error *error);
void machine_deinit(struct machine *machine);

/* Ends the machine as `kind`; only the first end counts. `detail` may be NULL. */
void machine_end(struct machine *machine, struct vcpu *vcpu, uint32_t kind, uint32_t reason, const char *detail);

/* True when no vcpu is in the guest, nor comes to be by itself. The caller holds the lock. */
int machine_is_idle(const struct machine *machine);

/* Begins a pause. The caller holds the lock. */
void machine_hold(struct machine *machine);

/* Called when a vcpu stops; when it was the last one, so do the clocks of a paused guest. The caller holds the lock. */
void machine_stood_still(struct machine *machine);

/* Called by a vcpu before it enters the guest; waits out a pause. Returns 0 when the vcpu has to end. */
int machine_may_run(struct machine *machine);

/* Passes on all that the guest has written, so that nothing of a guest that stands still is still to come. */
void machine_flush(struct machine *machine);

/* Called by a vcpu as the last thing that it does. */
void machine_left(struct machine *machine);

#endif
