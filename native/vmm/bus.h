#ifndef VMM_BUS_H
#define VMM_BUS_H

#include <stdint.h>

/* One access of 1, 2, 4 or 8 bytes; `offset` counts from the start of the device. */
struct access {
	uint64_t offset;
	uint32_t size;
};

struct device_ops {
	uint64_t (*read)(void *device, struct access access);
	void (*write)(void *device, struct access access, uint64_t value);
};

struct bus_range {
	uint64_t base;
	uint64_t size;
	const struct device_ops *ops;
	void *device;
};

#define MAX_BUS_RANGES 16

/* Filled before the vcpus run, read by all of them afterwards. */
struct bus {
	uint32_t count;
	struct bus_range ranges[MAX_BUS_RANGES];
};

/* Returns 0, or -ENOSPC. */
int bus_add(struct bus *bus, struct bus_range range);

/* Where nothing answers, reads give ones and writes are lost. */
uint64_t bus_read(const struct bus *bus, uint64_t address, uint32_t size);
void bus_write(const struct bus *bus, uint64_t address, uint32_t size, uint64_t value);

#endif
