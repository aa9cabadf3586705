/* What the ACPI tables tell of a machine. */
#include "tables.h"

#include <errno.h>

void tables_take_nodes(struct machine *machine, const struct vmm_config *config, const struct vmm_node *nodes)
{
	machine->node_count = config->nodes ? config->nodes : config->numa_nodes;
	machine->tells_of_memory = config->nodes && nodes[0].latency_ns;
	for (uint32_t i = 0; i < config->nodes; i++)
		machine->node_memory[i] = (struct acpi_node_memory){
			.latency_ns = nodes[i].latency_ns,
			.bandwidth_mbps = nodes[i].bandwidth_mbps,
			.cache_bytes = nodes[i].cache_bytes,
		};
}

int tables_build(struct machine *machine, struct vmm_error *error)
{
	const struct acpi_device console = { .base = CONSOLE_GPA, .size = VIRTIO_MMIO_SIZE, .gsi = CONSOLE_GSI };
	struct acpi_memory ranges[MAX_RANGES];
	const struct acpi_config config = {
		.base_gpa = TABLES_GPA,
		.topology = machine->topology,
		.memory = ranges,
		.memory_count = machine->memory.range_count,
		.devices = &console,
		.device_count = 1,
		.nodes = machine->node_count,
		.node_memory = machine->tells_of_memory ? machine->node_memory : NULL,
		.pm_port = PM_PORT,
		.reset_port = RESET_PORT,
		.reset_value = RESET_VALUE,
	};

	for (uint32_t i = 0; i < machine->memory.range_count; i++) {
		const struct memory_range *range = &machine->memory.ranges[i];

		ranges[i] = (struct acpi_memory){ range->gpa, range->bytes, range->node };
	}
	if (acpi_build(&config, memory_at(&machine->memory, TABLES_GPA, TABLES_BYTES), TABLES_BYTES) > TABLES_BYTES)
		return vmm_fail(error, ENOSPC, "boot", "acpi_build", "the tables do not fit into %d bytes",
				TABLES_BYTES);
	return 0;
}
