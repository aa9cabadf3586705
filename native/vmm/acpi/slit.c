#include "tables.h"

#define LOCAL_DISTANCE 10
#define REMOTE_DISTANCE 20

uint8_t acpi_distance(const struct acpi_config *config, uint32_t from, uint32_t to)
{
	if (config->distances)
		return config->distances[from * config->nodes + to];
	return from == to ? LOCAL_DISTANCE : REMOTE_DISTANCE;
}

size_t acpi_slit(const struct acpi_config *config, struct acpi_writer *writer)
{
	size_t start = acpi_begin_table(writer, "SLIT", 1);

	acpi_put(writer, 8, config->nodes);
	for (uint32_t from = 0; from < config->nodes; from++) {
		for (uint32_t to = 0; to < config->nodes; to++)
			acpi_put(writer, 1, acpi_distance(config, from, to));
	}
	acpi_end_table(writer, start);
	return start;
}
