#include "bus.h"

#include <errno.h>
#include <stddef.h>

int bus_add(struct bus *bus, struct bus_range range)
{
	if (bus->count == MAX_BUS_RANGES)
		return -ENOSPC;
	bus->ranges[bus->count++] = range;
	return 0;
}

static const struct bus_range *find(const struct bus *bus, uint64_t address, uint32_t size)
{
	for (uint32_t i = 0; i < bus->count; i++) {
		const struct bus_range *range = &bus->ranges[i];

		if (address >= range->base && address - range->base < range->size &&
		    size <= range->size - (address - range->base))
			return range;
	}
	return NULL;
}

uint64_t bus_read(const struct bus *bus, uint64_t address, uint32_t size)
{
	const struct bus_range *range = find(bus, address, size);

	if (!range)
		return UINT64_MAX;
	return range->ops->read(range->device, (struct access){ address - range->base, size });
}

void bus_write(const struct bus *bus, uint64_t address, uint32_t size, uint64_t value)
{
	const struct bus_range *range = find(bus, address, size);

	if (range)
		range->ops->write(range->device, (struct access){ address - range->base, size }, value);
}
