#ifndef VMM_ACPI_WRITER_H
#define VMM_ACPI_WRITER_H

#include <stddef.h>
#include <stdint.h>

/* Appends to a buffer. What does not fit is only counted. */
struct acpi_writer {
	uint8_t *out;
	size_t capacity;
	size_t length;
};

void acpi_put_bytes(struct acpi_writer *writer, const void *bytes, size_t count);
void acpi_put_zeros(struct acpi_writer *writer, size_t count);
/* The low `bytes` of a value, little-endian. */
void acpi_put(struct acpi_writer *writer, size_t bytes, uint64_t value);
/* Zeros up to an offset that is a multiple of `alignment`. */
void acpi_align(struct acpi_writer *writer, size_t alignment);

/* A generic address structure of a port; ACPI 6.5, section 5.2.3.2. */
void acpi_put_port(struct acpi_writer *writer, uint16_t port, uint8_t bytes);
void acpi_put_no_port(struct acpi_writer *writer);

/* Makes the bytes from `start`, `count` of them, sum up to zero by the one at `at`, which is zero. */
void acpi_checksum(struct acpi_writer *writer, size_t start, size_t count, size_t at);

/* A table with its header: begun at the offset that is given back, and ended with its length and checksum. */
size_t acpi_begin_table(struct acpi_writer *writer, const char *signature, uint8_t revision);
void acpi_end_table(struct acpi_writer *writer, size_t start);

#endif
