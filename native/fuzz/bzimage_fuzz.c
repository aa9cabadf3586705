/* A bzImage that could be booted, with changes. */
#include "image.h"

#include <asm/bootparam.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length);

#define KERNEL_GPA 0x1000000

static void make(struct image *image)
{
	struct setup_header header = {
		.setup_sects = 1,
		.boot_flag = 0xaa55,
		.header = 0x53726448,
		.version = 0x020f,
		.loadflags = LOADED_HIGH,
		.initrd_addr_max = 0x7fffffff,
		.xloadflags = XLF_KERNEL_64,
		.cmdline_size = 0x7ff,
		.pref_address = KERNEL_GPA,
		.init_size = 0x1000,
	};

	*image = (struct image){ .size = sizeof(image->bytes) };
	memcpy(image->bytes + offsetof(struct boot_params, hdr), &header, sizeof(header));
}

/* A field of the header that is a number. */
static void change_field(struct image *image, struct input *input)
{
	static const uint16_t fields[] = {
		offsetof(struct setup_header, setup_sects),  offsetof(struct setup_header, initrd_addr_max),
		offsetof(struct setup_header, cmdline_size), offsetof(struct setup_header, pref_address),
		offsetof(struct setup_header, init_size),
	};
	uint8_t which = input_u8(input);
	uint64_t value = which & 0x80 ? input_u64(input) : (uint64_t)input_u16(input) << (which >> 3 & 15);
	size_t width = which & 0x80 ? sizeof(value) : sizeof(uint32_t);

	if ((which & 7) < sizeof(fields) / sizeof(fields[0]))
		memcpy(image->bytes + offsetof(struct boot_params, hdr) + fields[which & 7], &value, width);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
	struct input input = { bytes, bytes + length };
	static struct image image;

	make(&image);
	image.size >>= input_u8(&input) & 7;
	change_field(&image, &input);
	change_field(&image, &input);
	image_spoil(&image, &input);
	image_boot(&image, &input);
	return 0;
}
