#include "pic.h"

#define MASK_PORT 1

static uint64_t read(void *device, struct access access)
{
	struct pic *pic = device;

	return access.offset == MASK_PORT ? pic->mask : 0;
}

static void write(void *device, struct access access, uint64_t value)
{
	struct pic *pic = device;

	if (access.offset == MASK_PORT)
		pic->mask = (uint8_t)value;
}

const struct device_ops pic_ops = { .read = read, .write = write };
