#include "writer.h"

#include <string.h>

#define TABLE_ALIGNMENT 16
#define LENGTH_AT 4
#define CHECKSUM_AT 9
#define OEM_REVISION 1

void acpi_put_bytes(struct acpi_writer *writer, const void *bytes, size_t count)
{
	if (writer->length <= writer->capacity && count <= writer->capacity - writer->length)
		memcpy(writer->out + writer->length, bytes, count);
	writer->length += count;
}

void acpi_put(struct acpi_writer *writer, size_t bytes, uint64_t value)
{
	for (size_t i = 0; i < bytes; i++) {
		uint8_t byte = (uint8_t)(value >> 8 * i);

		acpi_put_bytes(writer, &byte, 1);
	}
}

void acpi_put_zeros(struct acpi_writer *writer, size_t count)
{
	while (count--)
		acpi_put(writer, 1, 0);
}

void acpi_align(struct acpi_writer *writer, size_t alignment)
{
	acpi_put_zeros(writer, (alignment - writer->length % alignment) % alignment);
}

void acpi_put_port(struct acpi_writer *writer, uint16_t port, uint8_t bytes)
{
	const uint8_t io_space = 1;

	acpi_put(writer, 1, io_space);
	acpi_put(writer, 1, bytes * 8);
	acpi_put(writer, 1, 0);
	/* Access size 1 is a byte, 2 a word; an event block of two words is accessed by words. */
	acpi_put(writer, 1, bytes == 1 ? 1 : 2);
	acpi_put(writer, 8, port);
}

void acpi_put_no_port(struct acpi_writer *writer)
{
	acpi_put_zeros(writer, 12);
}

void acpi_checksum(struct acpi_writer *writer, size_t start, size_t count, size_t at)
{
	uint8_t sum = 0;

	if (start + count > writer->capacity)
		return;
	for (size_t i = 0; i < count; i++)
		sum += writer->out[start + i];
	writer->out[at] = (uint8_t)-sum;
}

size_t acpi_begin_table(struct acpi_writer *writer, const char *signature, uint8_t revision)
{
	size_t start;

	acpi_align(writer, TABLE_ALIGNMENT);
	start = writer->length;
	acpi_put_bytes(writer, signature, 4);
	acpi_put(writer, 4, 0);
	acpi_put(writer, 1, revision);
	acpi_put(writer, 1, 0);
	acpi_put_bytes(writer, "KTSTR ", 6);
	acpi_put_bytes(writer, "KTSTRVMM", 8);
	acpi_put(writer, 4, OEM_REVISION);
	acpi_put_bytes(writer, "KTST", 4);
	acpi_put(writer, 4, OEM_REVISION);
	return start;
}

void acpi_end_table(struct acpi_writer *writer, size_t start)
{
	struct acpi_writer length = { writer->out, writer->capacity, start + LENGTH_AT };

	acpi_put(&length, 4, writer->length - start);
	acpi_checksum(writer, start, writer->length - start, start + CHECKSUM_AT);
}
