#include "tables.h"

#define LOCAL_APIC_GPA 0xfee00000
#define IO_APIC_GPA 0xfec00000
#define ENABLED 1
#define ISA_BUS 0
/* Flags of an interrupt: active high and level-triggered; none for what its bus has. */
#define HIGH_LEVEL (1 | 3 << 2)
#define TIMER_IRQ 0
#define TIMER_GSI 2
#define NMI_PIN 1
#define ALL_CPUS 0xff
#define ALL_X2APIC_CPUS 0xffffffff

enum type { LOCAL_APIC = 0, IO_APIC = 1, SOURCE_OVERRIDE = 2, LOCAL_APIC_NMI = 4, X2APIC = 9, X2APIC_NMI = 10 };

static void begin_entry(struct acpi_writer *writer, enum type type, uint8_t bytes)
{
	acpi_put(writer, 1, type);
	acpi_put(writer, 1, bytes);
}

static void put_cpu(const struct acpi_config *config, uint32_t cpu, struct acpi_writer *writer)
{
	uint32_t id = vmm_apic_id_of(&config->topology, cpu);

	if (id <= ACPI_MAX_XAPIC_ID) {
		begin_entry(writer, LOCAL_APIC, 8);
		acpi_put(writer, 1, cpu);
		acpi_put(writer, 1, id);
		acpi_put(writer, 4, ENABLED);
	} else {
		begin_entry(writer, X2APIC, 16);
		acpi_put(writer, 2, 0);
		acpi_put(writer, 4, id);
		acpi_put(writer, 4, ENABLED);
		acpi_put(writer, 4, cpu);
	}
}

static void put_override(struct acpi_writer *writer, uint8_t irq, uint32_t gsi, uint16_t flags)
{
	begin_entry(writer, SOURCE_OVERRIDE, 10);
	acpi_put(writer, 1, ISA_BUS);
	acpi_put(writer, 1, irq);
	acpi_put(writer, 4, gsi);
	acpi_put(writer, 2, flags);
}

static void put_nmi(const struct acpi_config *config, struct acpi_writer *writer)
{
	begin_entry(writer, LOCAL_APIC_NMI, 6);
	acpi_put(writer, 1, ALL_CPUS);
	acpi_put(writer, 2, 0);
	acpi_put(writer, 1, NMI_PIN);
	if (vmm_max_apic_id(&config->topology) <= ACPI_MAX_XAPIC_ID)
		return;
	begin_entry(writer, X2APIC_NMI, 12);
	acpi_put(writer, 2, 0);
	acpi_put(writer, 4, ALL_X2APIC_CPUS);
	acpi_put(writer, 1, NMI_PIN);
	acpi_put_zeros(writer, 3);
}

size_t acpi_madt(const struct acpi_config *config, struct acpi_writer *writer)
{
	size_t start = acpi_begin_table(writer, "APIC", 5);

	acpi_put(writer, 4, LOCAL_APIC_GPA);
	/* Whether there is an 8259 is left for the guest to find out: the machine may be one with APICs alone. */
	acpi_put(writer, 4, 0);
	for (uint32_t cpu = 0; cpu < vmm_cpus(&config->topology); cpu++)
		put_cpu(config, cpu, writer);
	begin_entry(writer, IO_APIC, 12);
	acpi_put(writer, 2, 0);
	acpi_put(writer, 4, IO_APIC_GPA);
	acpi_put(writer, 4, 0);
	put_override(writer, TIMER_IRQ, TIMER_GSI, 0);
	if (!config->hardware_reduced)
		put_override(writer, ACPI_SCI_GSI, ACPI_SCI_GSI, HIGH_LEVEL);
	put_nmi(config, writer);
	acpi_end_table(writer, start);
	return start;
}
