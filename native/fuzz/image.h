#ifndef FUZZ_IMAGE_H
#define FUZZ_IMAGE_H

#include "boot.h"
#include "input.h"

/* The kernel file of one input. */
struct image {
	uint8_t bytes[0x2000];
	uint64_t size;
};

/* Changes bytes of a valid image, or makes it of the input alone. */
void image_spoil(struct image *image, struct input *input);

/* Loads it, with an initrd or without, and judges where things are. */
void image_boot(const struct image *image, struct input *input);

#endif
