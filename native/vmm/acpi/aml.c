#include "aml.h"

#include <string.h>

#define ZERO_OP 0x00
#define ONE_OP 0x01
#define NAME_OP 0x08
#define BYTE_PREFIX 0x0a
#define WORD_PREFIX 0x0b
#define DWORD_PREFIX 0x0c
#define STRING_PREFIX 0x0d
#define SCOPE_OP 0x10
#define BUFFER_OP 0x11
#define PACKAGE_OP 0x12
#define EXTENDED_PREFIX 0x5b
#define DEVICE_OP 0x82

/* Resource descriptors, section 6.4. */
#define END_TAG 0x79
#define MEMORY32_FIXED 0x86
#define EXTENDED_INTERRUPT 0x89
#define CONSUMER 1
#define READ_WRITE 1

/* Puts bytes before what follows `at`. */
static void insert(struct acpi_writer *writer, size_t at, const uint8_t *bytes, size_t count)
{
	size_t moved = writer->length - at;

	acpi_put_zeros(writer, count);
	if (writer->length > writer->capacity)
		return;
	memmove(writer->out + at + count, writer->out + at, moved);
	memcpy(writer->out + at, bytes, count);
}

/* The length of a package counts its own bytes: one for up to 63, else one that holds four bits, then eight in each. */
void aml_end(struct acpi_writer *writer, size_t start)
{
	size_t body = writer->length - start, bytes = 1, total;
	uint8_t length[4];

	while (bytes < sizeof(length) && body + bytes >= (bytes == 1 ? 1U << 6 : 1U << (4 + 8 * (bytes - 1))))
		bytes++;
	total = body + bytes;
	length[0] = (uint8_t)(bytes == 1 ? total : (bytes - 1) << 6 | (total & 0xf));
	for (size_t i = 1; i < bytes; i++)
		length[i] = (uint8_t)(total >> (8 * i - 4));
	insert(writer, start, length, bytes);
}

static void put_segment(struct acpi_writer *writer, const char *name)
{
	acpi_put_bytes(writer, name, 4);
}

size_t aml_begin_scope(struct acpi_writer *writer, const char *name)
{
	size_t start;

	acpi_put(writer, 1, SCOPE_OP);
	start = writer->length;
	put_segment(writer, name);
	return start;
}

size_t aml_begin_device(struct acpi_writer *writer, const char *name)
{
	size_t start;

	acpi_put(writer, 1, EXTENDED_PREFIX);
	acpi_put(writer, 1, DEVICE_OP);
	start = writer->length;
	put_segment(writer, name);
	return start;
}

size_t aml_begin_package(struct acpi_writer *writer, uint8_t elements)
{
	size_t start;

	acpi_put(writer, 1, PACKAGE_OP);
	start = writer->length;
	acpi_put(writer, 1, elements);
	return start;
}

size_t aml_begin_resources(struct acpi_writer *writer)
{
	acpi_put(writer, 1, BUFFER_OP);
	return writer->length;
}

void aml_end_resources(struct acpi_writer *writer, size_t start)
{
	const uint8_t size[2] = { BYTE_PREFIX, (uint8_t)(writer->length - start + 2) };

	acpi_put(writer, 1, END_TAG);
	/* A checksum of zero is not checked. */
	acpi_put(writer, 1, 0);
	insert(writer, start, size, sizeof(size));
	aml_end(writer, start);
}

void aml_name(struct acpi_writer *writer, const char *name)
{
	acpi_put(writer, 1, NAME_OP);
	put_segment(writer, name);
}

void aml_string(struct acpi_writer *writer, const char *text)
{
	acpi_put(writer, 1, STRING_PREFIX);
	acpi_put_bytes(writer, text, strlen(text) + 1);
}

void aml_integer(struct acpi_writer *writer, uint32_t value)
{
	if (value <= 1) {
		acpi_put(writer, 1, value ? ONE_OP : ZERO_OP);
		return;
	}
	acpi_put(writer, 1, value <= 0xff ? BYTE_PREFIX : value <= 0xffff ? WORD_PREFIX : DWORD_PREFIX);
	acpi_put(writer, value <= 0xff ? 1 : value <= 0xffff ? 2 : 4, value);
}

void aml_memory32(struct acpi_writer *writer, uint32_t base, uint32_t size)
{
	acpi_put(writer, 1, MEMORY32_FIXED);
	acpi_put(writer, 2, 9);
	acpi_put(writer, 1, READ_WRITE);
	acpi_put(writer, 4, base);
	acpi_put(writer, 4, size);
}

void aml_interrupt(struct acpi_writer *writer, uint32_t gsi, enum aml_trigger trigger)
{
	acpi_put(writer, 1, EXTENDED_INTERRUPT);
	acpi_put(writer, 2, 6);
	/* Active high and not shared are zeros. */
	acpi_put(writer, 1, CONSUMER | trigger << 1);
	acpi_put(writer, 1, 1);
	acpi_put(writer, 4, gsi);
}
