#include "tables.h"

size_t acpi_xsdt(const struct acpi_addresses *tables, struct acpi_writer *writer)
{
	size_t start = acpi_begin_table(writer, "XSDT", 1);

	for (uint32_t i = 0; i < tables->count; i++)
		acpi_put(writer, 8, tables->at[i]);
	acpi_end_table(writer, start);
	return start;
}
