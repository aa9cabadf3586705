#include "tables.h"

#define ENABLED 1

enum type { LOCAL_APIC = 0, MEMORY = 1, X2APIC = 2 };

static void put_cpu(const struct acpi_config *config, uint32_t cpu, struct acpi_writer *writer)
{
	uint32_t id = vmm_apic_id_of(&config->topology, cpu), node = vmm_node_of_cpu(&config->topology, cpu);

	if (id <= ACPI_MAX_XAPIC_ID) {
		acpi_put(writer, 1, LOCAL_APIC);
		acpi_put(writer, 1, 16);
		/* Bits 0 to 7 of the node; the others, after the flags, are zero for as few nodes. */
		acpi_put(writer, 1, node);
		acpi_put(writer, 1, id);
		acpi_put(writer, 4, ENABLED);
		acpi_put_zeros(writer, 8);
	} else {
		acpi_put(writer, 1, X2APIC);
		acpi_put(writer, 1, 24);
		acpi_put(writer, 2, 0);
		acpi_put(writer, 4, node);
		acpi_put(writer, 4, id);
		acpi_put(writer, 4, ENABLED);
		acpi_put_zeros(writer, 8);
	}
}

static void put_memory(const struct acpi_memory *memory, struct acpi_writer *writer)
{
	acpi_put(writer, 1, MEMORY);
	acpi_put(writer, 1, 40);
	acpi_put(writer, 4, memory->node);
	acpi_put(writer, 2, 0);
	acpi_put(writer, 8, memory->gpa);
	acpi_put(writer, 8, memory->size);
	acpi_put(writer, 4, 0);
	acpi_put(writer, 4, ENABLED);
	acpi_put_zeros(writer, 8);
}

size_t acpi_srat(const struct acpi_config *config, struct acpi_writer *writer)
{
	size_t start = acpi_begin_table(writer, "SRAT", 3);

	/* Reserved, the first as 1. */
	acpi_put(writer, 4, 1);
	acpi_put_zeros(writer, 8);
	for (uint32_t cpu = 0; cpu < vmm_cpus(&config->topology); cpu++)
		put_cpu(config, cpu, writer);
	for (uint32_t i = 0; i < config->memory_count; i++)
		put_memory(&config->memory[i], writer);
	acpi_end_table(writer, start);
	return start;
}
