#ifndef VMM_ACPI_H
#define VMM_ACPI_H

#include "../topology.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* SLP_TYP of the state S5. */
#define ACPI_SLEEP_TYPE_OFF 5

/*
 * Registers at `pm_port`. Fixed hardware: the event block of four bytes, whose enable half must read back what was
 * written, then the control block of two, with SCI_EN set. Reduced hardware: the sleep control register, then the sleep
 * status register, a byte each; power is cut when 0x20 | ACPI_SLEEP_TYPE_OFF << 2 is written to the former.
 */
#define ACPI_FIXED_EVENT 0
#define ACPI_FIXED_CONTROL 4
#define ACPI_REDUCED_SLEEP_CONTROL 0
#define ACPI_REDUCED_SLEEP_STATUS 1
#define ACPI_SCI_GSI 9

struct acpi_memory {
	uint64_t gpa;
	uint64_t size;
	/* From topology.numa_nodes on: a node of memory without CPUs. */
	uint32_t node;
};

/* A virtio-mmio device, active high. */
struct acpi_device {
	uint32_t base;
	uint32_t size;
	uint32_t gsi;
	/* For interrupts that are pulses, like those of an irqfd. */
	bool edge_triggered;
};

/* What the nearest CPUs see of the memory of a node. */
struct acpi_node_memory {
	/* From 1 to 65534. */
	uint32_t latency_ns;
	/* In steps of 16, from 16 to 1 TB/s. */
	uint32_t bandwidth_mbps;
	/* Size of the cache on the side of the memory; 0 when there is none. */
	uint64_t cache_bytes;
};

struct acpi_config {
	/* Of the RSDP; a multiple of 64. */
	uint64_t base_gpa;
	struct vmm_topology topology;
	const struct acpi_memory *memory;
	uint32_t memory_count;
	const struct acpi_device *devices;
	uint32_t device_count;
	/* Memory-only ones included; not fewer than topology.numa_nodes, at most VMM_MAX_NODES. */
	uint32_t nodes;
	/* nodes x nodes, row by row; NULL for 10 within a node and 20 between two. */
	const uint8_t *distances;
	/* By node; NULL for no HMAT. */
	const struct acpi_node_memory *node_memory;
	bool hardware_reduced;
	uint16_t pm_port;
	/* The machine is reset by this value, written to this port. */
	uint16_t reset_port;
	uint8_t reset_value;
};

/*
 * Writes the tables, the RSDP first. A machine of one node has neither SRAT nor SLIT nor HMAT.
 * Returns their length; when that exceeds the capacity, what was written is of no use. Nothing is written beyond it.
 */
size_t acpi_build(const struct acpi_config *config, uint8_t *out, size_t capacity);

#endif
