#ifndef VMM_ACPI_TABLES_H
#define VMM_ACPI_TABLES_H

#include "acpi.h"
#include "writer.h"

/* The largest id of a local APIC that its 8-bit entries hold: 255 means all of them. */
#define ACPI_MAX_XAPIC_ID 254

/* Each appends one table and gives its offset. */
size_t acpi_facs(struct acpi_writer *writer);
size_t acpi_dsdt(const struct acpi_config *config, struct acpi_writer *writer);
size_t acpi_madt(const struct acpi_config *config, struct acpi_writer *writer);
size_t acpi_srat(const struct acpi_config *config, struct acpi_writer *writer);
size_t acpi_slit(const struct acpi_config *config, struct acpi_writer *writer);
size_t acpi_hmat(const struct acpi_config *config, struct acpi_writer *writer);

struct acpi_fadt_addresses {
	/* 0 with reduced hardware. */
	uint64_t facs;
	uint64_t dsdt;
};
size_t acpi_fadt(const struct acpi_config *config, const struct acpi_fadt_addresses *at, struct acpi_writer *writer);

struct acpi_addresses {
	uint64_t at[6];
	uint32_t count;
};
size_t acpi_xsdt(const struct acpi_addresses *tables, struct acpi_writer *writer);

#define ACPI_RSDP_BYTES 36
void acpi_rsdp(uint64_t xsdt, struct acpi_writer *writer);

uint8_t acpi_distance(const struct acpi_config *config, uint32_t from, uint32_t to);

#endif
