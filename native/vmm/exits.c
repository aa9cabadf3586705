/* What made a vcpu leave the guest. */
#include "machine.h"
#include "watch.h"

#include <stdio.h>
#include <string.h>

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

void vcpu_handle_exit(struct vcpu *vcpu)
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
	case KVM_EXIT_IOAPIC_EOI:
		ioapic_end(&machine->ioapic, vcpu->run->eoi.vector);
		break;
	case KVM_EXIT_DEBUG:
		watch_hit(vcpu);
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
