/* Making a machine, step by step, and taking apart however much of it there is. */
#include "machine.h"
#include "offers.h"
#include "settings.h"
#include "split_irqchip.h"
#include "tables.h"
#include "thread.h"
#include "vcpu_state.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/virtio_mmio.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <unistd.h>

#define KVM_PATH "/dev/kvm"
/* Pages in the hole that KVM of Intel needs for itself: KVM_SET_TSS_ADDR in Documentation/virt/kvm/api.rst. */
#define IDENTITY_MAP_GPA 0xfffbc000ULL
#define TSS_GPA 0xfffbd000UL
/* Destinations of KVM's IOAPIC have eight bits, the last of them for all CPUs. */
#define MAX_KVM_IOAPIC_ID 254u

static int open_kvm(struct machine *machine, struct vmm_error *error)
{
	machine->kvm_fd = open(KVM_PATH, O_RDWR | O_CLOEXEC);
	if (machine->kvm_fd < 0)
		return vmm_fail(error, errno, "open", "open", KVM_PATH);
	if (ioctl(machine->kvm_fd, KVM_GET_API_VERSION, 0) != KVM_API_VERSION)
		return vmm_fail(error, ENOTSUP, "open", "KVM_GET_API_VERSION", "not version %d", KVM_API_VERSION);
	do
		machine->fd = ioctl(machine->kvm_fd, KVM_CREATE_VM, 0);
	while (machine->fd < 0 && errno == EINTR);
	if (machine->fd < 0)
		return vmm_fail(error, errno, "open", "KVM_CREATE_VM", KVM_PATH);
	return 0;
}

static int add_controllers(struct machine *machine, struct vmm_error *error)
{
	struct kvm_pit_config pit = { .flags = KVM_PIT_SPEAKER_DUMMY };
	uint64_t identity_map = IDENTITY_MAP_GPA;

	if (ioctl(machine->fd, KVM_SET_IDENTITY_MAP_ADDR, &identity_map) != 0 && errno != ENOTTY)
		return vmm_fail(error, errno, "open", "KVM_SET_IDENTITY_MAP_ADDR", "-");
	if (ioctl(machine->fd, KVM_SET_TSS_ADDR, TSS_GPA) != 0)
		return vmm_fail(error, errno, "open", "KVM_SET_TSS_ADDR", "-");
	/* A raw guest has no interrupts, so that its HLT can be seen. */
	if (machine->image == VMM_IMAGE_RAW)
		return 0;
	if (machine->has_split_irqchip)
		return split_irqchip_create(machine->fd, error);
	if (ioctl(machine->fd, KVM_CREATE_IRQCHIP, 0) != 0)
		return vmm_fail(error, errno, "open", "KVM_CREATE_IRQCHIP", "-");
	if (ioctl(machine->fd, KVM_CREATE_PIT2, &pit) != 0)
		return vmm_fail(error, errno, "open", "KVM_CREATE_PIT2", "-");
	return 0;
}

static int add_slots(struct machine *machine, struct vmm_error *error)
{
	for (uint32_t slot = 0; slot < machine->memory.range_count; slot++) {
		const struct memory_range *range = &machine->memory.ranges[slot];
		struct kvm_userspace_memory_region region = {
			.slot = slot,
			.guest_phys_addr = range->gpa,
			.memory_size = range->bytes,
			.userspace_addr = (uintptr_t)(machine->memory.base + range->offset),
		};

		if (ioctl(machine->fd, KVM_SET_USER_MEMORY_REGION, &region) != 0)
			return vmm_fail(error, errno, "memory", "KVM_SET_USER_MEMORY_REGION", "slot %u", slot);
	}
	return 0;
}

static int duplicate(int fd, int *out, struct vmm_error *error)
{
	if (fd < 0)
		return 0;
	*out = fcntl(fd, F_DUPFD_CLOEXEC, 0);
	return *out < 0 ? vmm_fail(error, errno, "devices", "fcntl", "descriptor %d", fd) : 0;
}

static int open_lines(struct machine *machine, const struct vmm_config *config, struct vmm_error *error)
{
	int ends[2];
	int err = duplicate(config->com1_fd, &machine->com1_fd, error);

	if (!err)
		err = duplicate(config->com2_fd, &machine->com2_fd, error);
	if (!err)
		err = duplicate(config->port_fd, &machine->port_fd, error);
	if (!err)
		err = duplicate(config->hits_fd, &machine->hits_fd, error);
	if (err)
		return err;
	if (pipe2(ends, O_CLOEXEC) != 0)
		return vmm_fail(error, errno, "devices", "pipe2", "-");
	machine->info.done_fd = ends[0];
	machine->done_write_fd = ends[1];
	return 0;
}

/* KVM itself tells of this one queue; that of the control line is waited for by its guest, and stays with its vcpu. */
static int listen_for_kicks(struct machine *machine, struct vmm_error *error)
{
	struct kvm_ioeventfd kick = {
		.datamatch = CONSOLE_FRAMES_QUEUE,
		.addr = CONSOLE_GPA + VIRTIO_MMIO_QUEUE_NOTIFY,
		.len = sizeof(uint32_t),
		.flags = KVM_IOEVENTFD_FLAG_DATAMATCH,
	};
	int err = kicks_open(&machine->kicks, error);

	if (err)
		return err;
	kick.fd = machine->kicks.event_fd;
	return ioctl(machine->fd, KVM_IOEVENTFD, &kick) == 0
		       ? 0
		       : vmm_fail(error, errno, "devices", "KVM_IOEVENTFD", "queue %u", CONSOLE_FRAMES_QUEUE);
}

static void end_by_guest(void *machine, uint32_t kind)
{
	machine_end(machine, NULL, kind, 0, NULL);
}

static void add_split_irqchip(struct machine *machine)
{
	if (!machine->has_split_irqchip)
		return;
	bus_add(&machine->mmio, (struct bus_range){ IOAPIC_GPA, IOAPIC_SIZE, &ioapic_ops, &machine->ioapic });
	bus_add(&machine->pio, (struct bus_range){ PIC_PORT, PIC_PORTS, &pic_ops, &machine->pics[0] });
	bus_add(&machine->pio, (struct bus_range){ PIC_SLAVE_PORT, PIC_PORTS, &pic_ops, &machine->pics[1] });
}

static struct irq irq_of(struct machine *machine, uint32_t gsi)
{
	struct ioapic *ioapic = machine->has_split_irqchip ? &machine->ioapic : NULL;

	return (struct irq){ .vm_fd = &machine->fd, .ioapic = ioapic, .gsi = gsi };
}

static void add_devices(struct machine *machine)
{
	struct power *power = &machine->power;

	ioapic_init(&machine->ioapic, &split_irqchip_ops, &machine->fd);
	serial_init(&machine->com1, &machine->com1_fd, irq_of(machine, COM1_GSI));
	serial_init(&machine->com2, &machine->com2_fd, irq_of(machine, COM2_GSI));
	console_init(&machine->console, &machine->memory, &machine->port_fd, irq_of(machine, CONSOLE_GSI));
	kicks_init(&machine->kicks, console_carry, &machine->console);
	cmos_init(&machine->cmos);
	power->end = end_by_guest;
	power->vmm = machine;
	bus_add(&machine->pio, (struct bus_range){ COM1_PORT, SERIAL_PORTS, &serial_ops, &machine->com1 });
	bus_add(&machine->pio, (struct bus_range){ COM2_PORT, SERIAL_PORTS, &serial_ops, &machine->com2 });
	bus_add(&machine->pio, (struct bus_range){ CMOS_PORT, CMOS_PORTS, &cmos_ops, &machine->cmos });
	bus_add(&machine->pio, (struct bus_range){ PM_PORT, PM_PORTS, &pm_ops, power });
	bus_add(&machine->pio, (struct bus_range){ I8042_PORT, I8042_PORTS, &i8042_ops, power });
	bus_add(&machine->pio, (struct bus_range){ RESET_PORT, 1, &reset_ops, power });
	bus_add(&machine->mmio,
		(struct bus_range){ CONSOLE_GPA, VIRTIO_MMIO_SIZE, &virtio_mmio_ops, &machine->console });
	add_split_irqchip(machine);
}

void machine_init(struct machine *machine, const struct vmm_config *config)
{
	machine->kvm_fd = machine->fd = -1;
	machine->com1_fd = machine->com2_fd = machine->port_fd = machine->hits_fd = VMM_NO_FD;
	machine->memory.fd = VMM_NO_FD;
	machine->done_write_fd = machine->info.done_fd = -1;
	machine->image = config->image;
	machine->topology = topology_of(config);
	machine->has_split_irqchip = vmm_max_apic_id(&machine->topology) > MAX_KVM_IOAPIC_ID;
	pthread_mutex_init(&machine->lock, NULL);
	condition_init(&machine->changed);
	add_devices(machine);
}

static int add_vcpus(struct machine *machine, const struct boot *boot, struct vmm_error *error)
{
	uint32_t count = vmm_cpus(&machine->topology);

	machine->vcpus = calloc(count, sizeof(*machine->vcpus));
	if (!machine->vcpus)
		return vmm_fail(error, ENOMEM, "vcpu", "calloc", "%u vcpus", count);
	for (uint32_t i = 0; i < count; i++) {
		int err = vcpu_init(&machine->vcpus[i], machine, i, error);

		machine->vcpu_count++;
		if (!err)
			err = vcpu_state_set(&machine->vcpus[i], boot, error);
		if (err)
			return err;
	}
	machine->info.vcpus = count;
	return 0;
}

static int load(struct machine *machine, const struct vmm_config *config, const char *cmdline, struct boot *boot,
		struct vmm_error *error)
{
	/* Of memory that is a file, all is to be in the file. */
	const struct boot_input input = {
		.kernel_fd = config->kernel_fd,
		.initrd_fd = config->initrd_fd,
		.maps_initrd = config->maps_initrd && config->memory_kind == VMM_MEMORY_ANONYMOUS,
		.cmdline = cmdline,
	};
	int err;

	if (config->image != VMM_IMAGE_LINUX)
		return boot_raw(&machine->memory, config->kernel_fd, boot, error);
	err = boot_linux(&machine->memory, &input, boot, error);
	if (err)
		return err;
	return tables_build(machine, error);
}

int machine_build(struct machine *machine, const struct vmm_config *config, const struct vmm_node *nodes,
		  const char *cmdline, struct vmm_error *error)
{
	struct boot boot = { .mode = BOOT_RAW };
	int err = open_lines(machine, config, error);

	tables_take_nodes(machine, config, nodes);
	if (!err)
		err = open_kvm(machine, error);
	if (!err)
		err = offers_check(machine, error);
	if (!err)
		err = settings_apply(machine, config, error);
	if (!err && config->kick == VMM_KICK_EVENT)
		err = listen_for_kicks(machine, error);
	if (!err)
		err = add_controllers(machine, error);
	if (!err)
		err = memory_init(&machine->memory, config, nodes, error);
	if (!err)
		err = add_slots(machine, error);
	if (!err)
		err = load(machine, config, cmdline, &boot, error);
	if (!err)
		err = add_vcpus(machine, &boot, error);
	return err;
}

static void close_fd(int fd)
{
	if (fd >= 0)
		close(fd);
}

void machine_deinit(struct machine *machine)
{
	kicks_deinit(&machine->kicks);
	for (uint32_t i = 0; i < machine->vcpu_count; i++)
		vcpu_deinit(&machine->vcpus[i]);
	free(machine->vcpus);
	close_fd(machine->fd);
	close_fd(machine->kvm_fd);
	memory_deinit(&machine->memory);
	serial_deinit(&machine->com1);
	serial_deinit(&machine->com2);
	console_deinit(&machine->console);
	ioapic_deinit(&machine->ioapic);
	cmos_deinit(&machine->cmos);
	close_fd(machine->com1_fd);
	close_fd(machine->com2_fd);
	close_fd(machine->port_fd);
	close_fd(machine->hits_fd);
	close_fd(machine->done_write_fd);
	pthread_cond_destroy(&machine->changed);
	pthread_mutex_destroy(&machine->lock);
}
