/*
 * vmm_acpi_sample NODES LLCS CORES THREADS LLC_BITS BASE fixed|reduced [CAPACITY], with lines on stdin:
 *
 *   memory GPA SIZE NODE | device BASE SIZE GSI EDGE | speed LATENCY BANDWIDTH CACHE | distances D...
 *
 * Prints the length of the tables and, in hexadecimal, what was written within the capacity and the 16 bytes behind it.
 */
#include "../vmm/acpi/acpi.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MAX_RECORDS 128
#define MAX_BYTES (1 << 20)
#define UNTOUCHED 0xa5
#define BEHIND 16
#define USAGE_ERROR 2

static struct acpi_memory memory[MAX_RECORDS];
static struct acpi_device devices[MAX_RECORDS];
static struct acpi_node_memory speeds[MAX_RECORDS];
static uint8_t distances[MAX_RECORDS * MAX_RECORDS];
static uint8_t out[MAX_BYTES + BEHIND];

static void read_distances(struct acpi_config *config)
{
	unsigned int distance;

	for (size_t i = 0; i < sizeof(distances) && scanf("%u", &distance) == 1; i++)
		distances[i] = (uint8_t)distance;
	config->distances = distances;
}

static int read_config(struct acpi_config *config)
{
	uint32_t speed_count = 0;
	char word[16];

	config->nodes = config->topology.numa_nodes;
	while (scanf("%15s", word) == 1) {
		struct acpi_memory *m = &memory[config->memory_count];
		struct acpi_device *d = &devices[config->device_count];
		struct acpi_node_memory *s = &speeds[speed_count];
		unsigned int edge;

		if (config->memory_count == MAX_RECORDS || config->device_count == MAX_RECORDS ||
		    speed_count == MAX_RECORDS)
			return -1;
		if (!strcmp(word, "memory") && scanf("%" SCNu64 " %" SCNu64 " %u", &m->gpa, &m->size, &m->node) == 3) {
			config->memory_count++;
			config->nodes = m->node < config->nodes ? config->nodes : m->node + 1;
		} else if (!strcmp(word, "device") && scanf("%u %u %u %u", &d->base, &d->size, &d->gsi, &edge) == 4) {
			d->edge_triggered = edge;
			config->device_count++;
		} else if (!strcmp(word, "speed") &&
			   scanf("%u %u %" SCNu64, &s->latency_ns, &s->bandwidth_mbps, &s->cache_bytes) == 3) {
			config->node_memory = speeds;
			speed_count++;
		} else if (!strcmp(word, "distances")) {
			read_distances(config);
		} else {
			return -1;
		}
	}
	config->memory = memory;
	config->devices = devices;
	return 0;
}

int main(int argc, char *argv[])
{
	struct acpi_config config = { .pm_port = 0x600, .reset_port = 0xcf9, .reset_value = 6 };
	size_t capacity = MAX_BYTES, length;

	if (argc < 8)
		return USAGE_ERROR;
	config.topology =
		(struct vmm_topology){ (uint32_t)atoi(argv[1]), (uint32_t)atoi(argv[2]), (uint32_t)atoi(argv[3]),
				       (uint32_t)atoi(argv[4]), (uint32_t)atoi(argv[5]) };
	config.base_gpa = strtoull(argv[6], NULL, 0);
	config.hardware_reduced = !strcmp(argv[7], "reduced");
	if (argc > 8)
		capacity = strtoull(argv[8], NULL, 10);
	if (capacity > MAX_BYTES || vmm_topology_check(&config.topology) || read_config(&config))
		return USAGE_ERROR;
	memset(out, UNTOUCHED, sizeof(out));
	length = acpi_build(&config, out, capacity);
	printf("%zu ", length);
	for (size_t i = 0; i < (length < capacity ? length : capacity) + BEHIND; i++)
		printf("%02x", out[i]);
	putchar('\n');
	return 0;
}
