#include "image.h"
#include "invariant.h"
#include "ram.h"

#include <elf.h>
#include <sys/mman.h>
#include <unistd.h>

#define INITRD_BYTES 0x3000
#define ALL_INPUT 0xff

static int kernel_fd = -1, initrd_fd = -1;

static void prepare(void)
{
	ram_reset();
	if (kernel_fd >= 0)
		return;
	kernel_fd = memfd_create("kernel", MFD_CLOEXEC);
	initrd_fd = memfd_create("initrd", MFD_CLOEXEC);
	HOLDS(kernel_fd >= 0 && initrd_fd >= 0);
}

void image_spoil(struct image *image, struct input *input)
{
	uint8_t changes = input_u8(input);

	if (changes == ALL_INPUT) {
		memset(image->bytes, 0, sizeof(image->bytes));
		image->size = input_left(input) < sizeof(image->bytes) ? input_left(input) : sizeof(image->bytes);
		memcpy(image->bytes, input->next, image->size);
		return;
	}
	for (uint8_t i = 0; i < changes && input_left(input) > 0; i++) {
		uint16_t at = input_u16(input) % (sizeof(image->bytes) - sizeof(uint64_t));
		uint8_t width = 1 + input_u8(input) % sizeof(uint64_t);
		uint64_t value = input_u64(input);

		memcpy(image->bytes + at, &value, width);
	}
}

static void write_files(const struct image *image, uint64_t initrd_bytes)
{
	HOLDS(ftruncate(kernel_fd, (off_t)image->size) == 0);
	HOLDS(pwrite(kernel_fd, image->bytes, image->size, 0) == (ssize_t)image->size);
	HOLDS(ftruncate(initrd_fd, (off_t)initrd_bytes) == 0);
}

static void judge(const struct image *image, const struct boot *boot, uint64_t initrd_bytes)
{
	HOLDS(boot->mode == (memcmp(image->bytes, ELFMAG, SELFMAG) == 0 ? BOOT_PVH : BOOT_LONG));
	HOLDS(boot->initrd_bytes == initrd_bytes);
	HOLDS(boot->entry >= EXTENDED_START && boot->entry < boot->kernel_end);
	/* No more is mapped, or can be addressed. */
	HOLDS(boot->entry < LOW_LIMIT);
	if (initrd_bytes == 0)
		return;
	HOLDS(boot->initrd_gpa % 4096 == 0);
	HOLDS(boot->initrd_gpa >= boot->kernel_end && boot->initrd_gpa + initrd_bytes <= LOW_LIMIT);
}

void image_boot(const struct image *image, struct input *input)
{
	uint8_t how = input_u8(input);
	uint64_t initrd_bytes = how & 1 ? 1 + input_u16(input) % INITRD_BYTES : 0;
	struct boot_input files = { .cmdline = how & 2 ? "console=ttyS0 quiet" : "" };
	struct boot boot = { .mode = BOOT_RAW };
	struct vmm_error error = { .code = 0 };
	int err;

	prepare();
	files.kernel_fd = kernel_fd;
	files.initrd_fd = initrd_bytes ? initrd_fd : -1;
	write_files(image, initrd_bytes);
	err = boot_linux(&ram, &files, &boot, &error);
	HOLDS(err <= 0 && error.code == -err);
	if (err) {
		HOLDS(memchr(error.detail, 0, sizeof(error.detail)) && error.phase[0] && error.call[0]);
		return;
	}
	judge(image, &boot, initrd_bytes);
}
