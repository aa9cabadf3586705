#include "tables.h"

/* Latencies are in picoseconds from revision 2 on, so an entry is one nanosecond. */
#define REVISION 2
#define LATENCY_UNIT_PS 1000
#define BANDWIDTH_UNIT_MBPS 16
/* An entry of 0 says that nothing is known, one of 0xffff that the memory is out of reach. */
#define MIN_ENTRY 1
#define MAX_ENTRY 0xfffe

/* One level of cache, which is the first; directly mapped, written back, lines of 64 bytes. */
#define SIDE_CACHE (1U | 1 << 4 | 1 << 8 | 1 << 12 | 64 << 16)

enum type { PROXIMITY = 0, LOCALITY = 1, SIDE_CACHE_INFO = 2 };
enum data { ACCESS_LATENCY = 0, ACCESS_BANDWIDTH = 3 };

static bool has_cpus(const struct acpi_config *config, uint32_t node)
{
	return node < config->topology.numa_nodes;
}

static bool has_memory(const struct acpi_config *config, uint32_t node)
{
	for (uint32_t i = 0; i < config->memory_count; i++) {
		if (config->memory[i].node == node)
			return true;
	}
	return false;
}

static uint32_t nodes_with_memory(const struct acpi_config *config)
{
	uint32_t count = 0;

	for (uint32_t node = 0; node < config->nodes; node++)
		count += has_memory(config, node);
	return count;
}

static void begin_structure(struct acpi_writer *writer, enum type type, uint32_t bytes)
{
	acpi_put(writer, 2, type);
	acpi_put(writer, 2, 0);
	acpi_put(writer, 4, bytes);
}

/* The node that memory is attached to: its own, when that has CPUs. */
static void put_proximity(const struct acpi_config *config, uint32_t node, struct acpi_writer *writer)
{
	bool attached = has_cpus(config, node);

	begin_structure(writer, PROXIMITY, 40);
	acpi_put(writer, 2, attached);
	acpi_put(writer, 2, 0);
	acpi_put(writer, 4, attached ? node : 0);
	acpi_put(writer, 4, node);
	acpi_put_zeros(writer, 20);
}

static uint32_t nearest_distance(const struct acpi_config *config, uint32_t target)
{
	uint32_t nearest = UINT8_MAX;

	for (uint32_t from = 0; from < config->topology.numa_nodes; from++) {
		uint32_t distance = acpi_distance(config, from, target);

		nearest = distance < nearest ? distance : nearest;
	}
	return nearest;
}

/* What was asked is what the nearest CPUs see; for others it is worse by as much as they are farther away. */
static uint64_t entry_of(const struct acpi_config *config, enum data data, uint32_t from, uint32_t target)
{
	const struct acpi_node_memory *memory = &config->node_memory[target];
	uint64_t distance = acpi_distance(config, from, target), nearest = nearest_distance(config, target);
	uint64_t entry = data == ACCESS_LATENCY ? memory->latency_ns * distance / nearest
						: memory->bandwidth_mbps * nearest / distance / BANDWIDTH_UNIT_MBPS;

	return entry < MIN_ENTRY ? MIN_ENTRY : entry > MAX_ENTRY ? MAX_ENTRY : entry;
}

static void put_locality(const struct acpi_config *config, enum data data, struct acpi_writer *writer)
{
	uint32_t initiators = config->topology.numa_nodes, targets = nodes_with_memory(config);

	begin_structure(writer, LOCALITY, 32 + 4 * initiators + 4 * targets + 2 * initiators * targets);
	/* Flags: of memory, not of a cache. */
	acpi_put(writer, 1, 0);
	acpi_put(writer, 1, data);
	acpi_put(writer, 2, 0);
	acpi_put(writer, 4, initiators);
	acpi_put(writer, 4, targets);
	acpi_put(writer, 4, 0);
	acpi_put(writer, 8, data == ACCESS_LATENCY ? LATENCY_UNIT_PS : BANDWIDTH_UNIT_MBPS);
	for (uint32_t node = 0; node < initiators; node++)
		acpi_put(writer, 4, node);
	for (uint32_t node = 0; node < config->nodes; node++) {
		if (has_memory(config, node))
			acpi_put(writer, 4, node);
	}
	for (uint32_t from = 0; from < initiators; from++) {
		for (uint32_t node = 0; node < config->nodes; node++) {
			if (has_memory(config, node))
				acpi_put(writer, 2, entry_of(config, data, from, node));
		}
	}
}

static void put_side_cache(const struct acpi_config *config, uint32_t node, struct acpi_writer *writer)
{
	begin_structure(writer, SIDE_CACHE_INFO, 32);
	acpi_put(writer, 4, node);
	acpi_put(writer, 4, 0);
	acpi_put(writer, 8, config->node_memory[node].cache_bytes);
	acpi_put(writer, 4, SIDE_CACHE);
	/* No handles of SMBIOS. */
	acpi_put(writer, 4, 0);
}

size_t acpi_hmat(const struct acpi_config *config, struct acpi_writer *writer)
{
	size_t start = acpi_begin_table(writer, "HMAT", REVISION);

	acpi_put(writer, 4, 0);
	for (uint32_t node = 0; node < config->nodes; node++) {
		if (has_memory(config, node))
			put_proximity(config, node, writer);
	}
	put_locality(config, ACCESS_LATENCY, writer);
	put_locality(config, ACCESS_BANDWIDTH, writer);
	for (uint32_t node = 0; node < config->nodes; node++) {
		if (has_memory(config, node) && config->node_memory[node].cache_bytes)
			put_side_cache(config, node, writer);
	}
	acpi_end_table(writer, start);
	return start;
}
