#include "tables.h"

/* Of what ACPI 1.0 knew, which has a checksum of its own. */
#define FIRST_PART_BYTES 20
#define CHECKSUM_AT 8
#define WHOLE_CHECKSUM_AT 32

void acpi_rsdp(uint64_t xsdt, struct acpi_writer *writer)
{
	const uint8_t revision = 2;
	size_t start = writer->length;

	acpi_put_bytes(writer, "RSD PTR ", 8);
	acpi_put(writer, 1, 0);
	acpi_put_bytes(writer, "KTSTR ", 6);
	acpi_put(writer, 1, revision);
	/* No RSDT. */
	acpi_put(writer, 4, 0);
	acpi_put(writer, 4, ACPI_RSDP_BYTES);
	acpi_put(writer, 8, xsdt);
	acpi_put(writer, 4, 0);
	acpi_checksum(writer, start, FIRST_PART_BYTES, start + CHECKSUM_AT);
	acpi_checksum(writer, start, ACPI_RSDP_BYTES, start + WHOLE_CHECKSUM_AT);
}
