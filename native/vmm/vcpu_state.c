#include "vcpu_state.h"
#include "cpuid.h"
#include "cpuid_entries.h"

#include <asm/kvm_para.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>

#define MAX_CPUID_ENTRIES 256

#define CR0_PE 0x1
#define CR0_MP 0x2
#define CR0_ET 0x10
#define CR0_NE 0x20
#define CR0_PG 0x80000000u
#define CR4_PAE 0x20
#define EFER_LME 0x100
#define EFER_LMA 0x400
#define FLAGS_RESERVED 0x2

#define CODE_SELECTOR 0x10
#define DATA_SELECTOR 0x18
#define TASK_SELECTOR 0x20
#define TYPE_CODE 0xb
#define TYPE_DATA 0x3
#define TYPE_BUSY_TSS 0xb

#define LEAF1_TSC_DEADLINE (1u << 24)
#define LEAF1_HYPERVISOR (1u << 31)

#define MSR_MISC_ENABLE 0x1a0
#define MISC_ENABLE_FAST_STRING 1
#define MSR_MTRR_DEF_TYPE 0x2ff
#define MTRR_ENABLED_WRITE_BACK 0x806

#define APIC_BASE_X2APIC (1u << 10)
#define APIC_LVT0 0x350
#define APIC_LVT1 0x360
#define APIC_MODE_EXTINT 0x700
#define APIC_MODE_NMI 0x400

static int failed(struct vmm_error *error, const char *call, const struct vcpu *vcpu)
{
	return vmm_fail(error, errno, "vcpu", call, "vcpu %u", vcpu->index);
}

static void add_timer_and_hypervisor(const struct machine *machine, struct kvm_cpuid2 *table)
{
	int has_deadline = ioctl(machine->kvm_fd, KVM_CHECK_EXTENSION, KVM_CAP_TSC_DEADLINE_TIMER) > 0;

	for (uint32_t i = 0; i < table->nent; i++) {
		if (table->entries[i].function != 1)
			continue;
		table->entries[i].ecx |= LEAF1_HYPERVISOR | (has_deadline ? LEAF1_TSC_DEADLINE : 0);
	}
}

/* Destinations of interrupts have bits beyond the eighth: KVM_FEATURE_MSI_EXT_DEST_ID. */
static void add_wide_destinations(struct kvm_cpuid2 *table)
{
	cpuid_have(table, KVM_CPUID_FEATURES)->eax |= 1u << KVM_FEATURE_MSI_EXT_DEST_ID;
}

static int set_cpuid(struct vcpu *vcpu, struct vmm_error *error)
{
	const struct machine *machine = vcpu->machine;
	size_t bytes = sizeof(struct kvm_cpuid2) + MAX_CPUID_ENTRIES * sizeof(struct kvm_cpuid_entry2);
	struct kvm_cpuid2 *table = calloc(1, bytes);
	int err = 0;

	if (!table)
		return vmm_fail(error, ENOMEM, "vcpu", "calloc", "CPUID table");
	table->nent = MAX_CPUID_ENTRIES - CPUID_SPARE_ENTRIES;
	if (ioctl(machine->kvm_fd, KVM_GET_SUPPORTED_CPUID, table) != 0) {
		err = failed(error, "KVM_GET_SUPPORTED_CPUID", vcpu);
	} else {
		add_timer_and_hypervisor(machine, table);
		if (machine->has_split_irqchip)
			add_wide_destinations(table);
		cpuid_patch(&machine->topology, vcpu->index, table);
		if (ioctl(vcpu->fd, KVM_SET_CPUID2, table) != 0)
			err = failed(error, "KVM_SET_CPUID2", vcpu);
	}
	free(table);
	return err;
}

/* One at a time: KVM of a CPU that lacks one refuses it, and the guest then does without. */
static void set_msrs(struct vcpu *vcpu)
{
	static const struct kvm_msr_entry wanted[] = {
		{ .index = MSR_MISC_ENABLE, .data = MISC_ENABLE_FAST_STRING },
		{ .index = MSR_MTRR_DEF_TYPE, .data = MTRR_ENABLED_WRITE_BACK },
	};

	for (size_t i = 0; i < sizeof(wanted) / sizeof(wanted[0]); i++) {
		struct {
			struct kvm_msrs head;
			struct kvm_msr_entry entry;
		} msrs = { .head = { .nmsrs = 1 }, .entry = wanted[i] };

		(void)ioctl(vcpu->fd, KVM_SET_MSRS, &msrs);
	}
}

/* The PIC interrupts through LINT0, as firmware would have set it up. */
static int set_local_apic(struct vcpu *vcpu, struct vmm_error *error)
{
	struct kvm_lapic_state apic;
	const uint32_t lint0 = APIC_MODE_EXTINT, lint1 = APIC_MODE_NMI;

	if (ioctl(vcpu->fd, KVM_GET_LAPIC, &apic) != 0)
		return failed(error, "KVM_GET_LAPIC", vcpu);
	memcpy(apic.regs + APIC_LVT0, &lint0, sizeof(lint0));
	memcpy(apic.regs + APIC_LVT1, &lint1, sizeof(lint1));
	if (ioctl(vcpu->fd, KVM_SET_LAPIC, &apic) != 0)
		return failed(error, "KVM_SET_LAPIC", vcpu);
	return 0;
}

/* As firmware does where ids have more than eight bits: Linux takes none of those from a local APIC that has eight. */
static int enter_x2apic(struct vcpu *vcpu, struct vmm_error *error)
{
	struct kvm_sregs sregs;

	if (ioctl(vcpu->fd, KVM_GET_SREGS, &sregs) != 0)
		return failed(error, "KVM_GET_SREGS", vcpu);
	sregs.apic_base |= APIC_BASE_X2APIC;
	if (ioctl(vcpu->fd, KVM_SET_SREGS, &sregs) != 0)
		return failed(error, "KVM_SET_SREGS", vcpu);
	return 0;
}

static struct kvm_segment segment(uint16_t selector, uint8_t type, int is_long)
{
	return (struct kvm_segment){
		.limit = 0xffffffff,
		.selector = selector,
		.type = type,
		.present = 1,
		.db = !is_long,
		.s = 1,
		.l = is_long ? 1 : 0,
		.g = 1,
	};
}

static void set_segments(struct kvm_sregs *sregs, int is_long)
{
	sregs->cs = segment(CODE_SELECTOR, TYPE_CODE, is_long);
	sregs->ds = segment(DATA_SELECTOR, TYPE_DATA, 0);
	sregs->es = sregs->fs = sregs->gs = sregs->ss = sregs->ds;
	sregs->tr = segment(TASK_SELECTOR, TYPE_BUSY_TSS, 0);
	sregs->tr.s = sregs->tr.g = sregs->tr.db = 0;
	sregs->tr.limit = 0x67;
	sregs->cr0 = CR0_PE | CR0_MP | CR0_ET | CR0_NE;
}

/* Descriptors of the selectors above, for a guest that loads them again. */
static void write_gdt(const struct memory *memory, struct kvm_sregs *sregs, int is_long)
{
	const uint64_t gdt[] = {
		0,
		0,
		is_long ? 0x00af9b000000ffffULL : 0x00cf9b000000ffffULL,
		0x00cf93000000ffffULL,
		0x00008b0000000067ULL,
	};

	memcpy(memory_at(memory, GDT_GPA, sizeof(gdt)), gdt, sizeof(gdt));
	sregs->gdt.base = GDT_GPA;
	sregs->gdt.limit = sizeof(gdt) - 1;
}

static void enter_mode(const struct vcpu *vcpu, const struct boot *boot, struct kvm_sregs *sregs, struct kvm_regs *regs)
{
	*regs = (struct kvm_regs){ .rip = boot->entry, .rflags = FLAGS_RESERVED };
	switch (boot->mode) {
	case BOOT_RAW:
		sregs->cs.base = 0;
		sregs->cs.selector = 0;
		break;
	case BOOT_PVH:
		set_segments(sregs, 0);
		write_gdt(&vcpu->machine->memory, sregs, 0);
		regs->rbx = START_INFO_GPA;
		break;
	case BOOT_LONG:
		set_segments(sregs, 1);
		write_gdt(&vcpu->machine->memory, sregs, 1);
		sregs->cr0 |= CR0_PG;
		sregs->cr3 = PAGE_TABLES_GPA;
		sregs->cr4 = CR4_PAE;
		sregs->efer = EFER_LME | EFER_LMA;
		regs->rsi = ZERO_PAGE_GPA;
		break;
	}
}

static int set_registers(struct vcpu *vcpu, const struct boot *boot, struct vmm_error *error)
{
	struct kvm_sregs sregs;
	struct kvm_regs regs;

	if (ioctl(vcpu->fd, KVM_GET_SREGS, &sregs) != 0)
		return failed(error, "KVM_GET_SREGS", vcpu);
	enter_mode(vcpu, boot, &sregs, &regs);
	if (ioctl(vcpu->fd, KVM_SET_SREGS, &sregs) != 0)
		return failed(error, "KVM_SET_SREGS", vcpu);
	if (ioctl(vcpu->fd, KVM_SET_REGS, &regs) != 0)
		return failed(error, "KVM_SET_REGS", vcpu);
	return 0;
}

int vcpu_state_set(struct vcpu *vcpu, const struct boot *boot, struct vmm_error *error)
{
	int err = 0;

	if (boot->mode != BOOT_RAW) {
		/* CPUID first: what an MSR may hold depends on it. */
		err = set_cpuid(vcpu, error);
		if (!err) {
			set_msrs(vcpu);
			err = set_local_apic(vcpu, error);
		}
		if (!err && vcpu->machine->has_split_irqchip)
			err = enter_x2apic(vcpu, error);
	}
	/* Linux starts the others itself. */
	if (!err && (boot->mode == BOOT_RAW || vcpu->index == 0))
		err = set_registers(vcpu, boot, error);
	return err;
}

int vcpu_state_read(struct vcpu *vcpu, struct vmm_registers *out, struct vmm_error *error)
{
	struct kvm_sregs sregs;
	struct kvm_regs regs;

	if (ioctl(vcpu->fd, KVM_GET_REGS, &regs) != 0)
		return failed(error, "KVM_GET_REGS", vcpu);
	if (ioctl(vcpu->fd, KVM_GET_SREGS, &sregs) != 0)
		return failed(error, "KVM_GET_SREGS", vcpu);
	*out = (struct vmm_registers){
		.rax = regs.rax,
		.rbx = regs.rbx,
		.rcx = regs.rcx,
		.rdx = regs.rdx,
		.rsi = regs.rsi,
		.rdi = regs.rdi,
		.rsp = regs.rsp,
		.rbp = regs.rbp,
		.r8 = regs.r8,
		.r9 = regs.r9,
		.r10 = regs.r10,
		.r11 = regs.r11,
		.r12 = regs.r12,
		.r13 = regs.r13,
		.r14 = regs.r14,
		.r15 = regs.r15,
		.rip = regs.rip,
		.rflags = regs.rflags,
		.cs = sregs.cs.selector,
		.ss = sregs.ss.selector,
		.ds = sregs.ds.selector,
		.es = sregs.es.selector,
		.fs = sregs.fs.selector,
		.gs = sregs.gs.selector,
		.tr = sregs.tr.selector,
		.cs_base = sregs.cs.base,
		.fs_base = sregs.fs.base,
		.gs_base = sregs.gs.base,
		.gdt_base = sregs.gdt.base,
		.gdt_limit = sregs.gdt.limit,
		.idt_base = sregs.idt.base,
		.idt_limit = sregs.idt.limit,
		.cr0 = sregs.cr0,
		.cr2 = sregs.cr2,
		.cr3 = sregs.cr3,
		.cr4 = sregs.cr4,
		.cr8 = sregs.cr8,
		.efer = sregs.efer,
		.apic_base = sregs.apic_base,
	};
	return 0;
}
