#ifndef VMM_ACPI_AML_H
#define VMM_ACPI_AML_H

#include "writer.h"

/*
 * Terms of AML (ACPI 6.5, chapter 20). Those that contain others are begun, and ended by aml_end(). A name is one
 * segment, of four characters.
 */

size_t aml_begin_scope(struct acpi_writer *writer, const char *name);
size_t aml_begin_device(struct acpi_writer *writer, const char *name);
size_t aml_begin_package(struct acpi_writer *writer, uint8_t elements);
size_t aml_begin_resources(struct acpi_writer *writer);
void aml_end(struct acpi_writer *writer, size_t start);
void aml_end_resources(struct acpi_writer *writer, size_t start);

/* Names the value that comes next. */
void aml_name(struct acpi_writer *writer, const char *name);
void aml_string(struct acpi_writer *writer, const char *text);
void aml_integer(struct acpi_writer *writer, uint32_t value);

/* Within resources. */
void aml_memory32(struct acpi_writer *writer, uint32_t base, uint32_t size);

enum aml_trigger { AML_LEVEL = 0, AML_EDGE = 1 };
void aml_interrupt(struct acpi_writer *writer, uint32_t gsi, enum aml_trigger trigger);

#endif
