#ifndef VMM_ACPI_H
#define VMM_ACPI_H

#include "../topology.h"

#include <stddef.h>
#include <stdint.h>

struct acpi_config {
	const struct vmm_topology *topology;
	/* Guest-physical address of the first byte of the output. */
	uint64_t base;
};

/* Writes the tables with the RSDP first. Returns their length, or 0 when they do not fit. */
size_t acpi_build(const struct acpi_config *config, uint8_t *out, size_t capacity);

#endif
