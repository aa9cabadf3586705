#include "acpi.h"
#include "tables.h"

static void add(struct acpi_addresses *tables, const struct acpi_config *config, size_t offset)
{
	tables->at[tables->count++] = config->base_gpa + offset;
}

size_t acpi_build(const struct acpi_config *config, uint8_t *out, size_t capacity)
{
	struct acpi_writer writer = { out, capacity, 0 }, first = writer;
	struct acpi_addresses tables = { .count = 0 };
	struct acpi_fadt_addresses fadt = { .facs = 0 };

	/* The RSDP stands first and points at what stands last. */
	acpi_put_zeros(&writer, ACPI_RSDP_BYTES);
	if (!config->hardware_reduced)
		fadt.facs = config->base_gpa + acpi_facs(&writer);
	fadt.dsdt = config->base_gpa + acpi_dsdt(config, &writer);
	add(&tables, config, acpi_fadt(config, &fadt, &writer));
	add(&tables, config, acpi_madt(config, &writer));
	if (config->nodes > 1) {
		add(&tables, config, acpi_srat(config, &writer));
		add(&tables, config, acpi_slit(config, &writer));
		if (config->node_memory)
			add(&tables, config, acpi_hmat(config, &writer));
	}
	acpi_rsdp(config->base_gpa + acpi_xsdt(&tables, &writer), &first);
	return writer.length;
}
