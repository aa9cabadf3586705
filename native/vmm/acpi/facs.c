#include "tables.h"

#define FACS_BYTES 64
#define FACS_ALIGNMENT 64

/* Nothing sleeps here and wakes up; fixed hardware has to have the table. It has no checksum. */
size_t acpi_facs(struct acpi_writer *writer)
{
	const uint8_t version = 2;
	size_t start;

	acpi_align(writer, FACS_ALIGNMENT);
	start = writer->length;
	acpi_put_bytes(writer, "FACS", 4);
	acpi_put(writer, 4, FACS_BYTES);
	acpi_put_zeros(writer, 24);
	acpi_put(writer, 1, version);
	acpi_put_zeros(writer, FACS_BYTES - 33);
	return start;
}
