#include "boot.h"

#include <elf.h>
#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define PAGE_BYTES 4096

uint32_t boot_memory_map(const struct memory *memory, struct memory_map_entry map[MEMORY_MAP_MAX])
{
	uint64_t low = memory_low_end(memory);
	uint32_t count = 0;

	map[count++] = (struct memory_map_entry){ 0, CONVENTIONAL_END, MEMORY_MAP_RAM };
	map[count++] = (struct memory_map_entry){ TABLES_GPA, TABLES_BYTES, MEMORY_MAP_RESERVED };
	map[count++] = (struct memory_map_entry){ EXTENDED_START, low - EXTENDED_START, MEMORY_MAP_RAM };
	if (memory->bytes > low)
		map[count++] = (struct memory_map_entry){ HIGH_START, memory->bytes - low, MEMORY_MAP_RAM };
	return count;
}

int boot_file_bytes(int fd, const char *what, uint64_t *bytes, struct vmm_error *error)
{
	struct stat stat;

	if (fstat(fd, &stat) != 0)
		return vmm_fail(error, errno, "boot", "fstat", "%s", what);
	*bytes = (uint64_t)stat.st_size;
	return 0;
}

int boot_raw(const struct memory *memory, int kernel_fd, struct boot *boot, struct vmm_error *error)
{
	struct file_part code = { .fd = kernel_fd, .what = "raw guest" };
	int err = boot_file_bytes(kernel_fd, code.what, &code.length, error);

	*boot = (struct boot){ .mode = BOOT_RAW, .entry = RAW_GPA };
	return err ? err : memory_load(memory, RAW_GPA, &code, error);
}

int boot_load_initrd(const struct memory *memory, const struct boot_input *input, uint64_t limit, struct boot *boot,
		     struct vmm_error *error)
{
	const uint64_t floor = boot->kernel_end > EXTENDED_START ? boot->kernel_end : EXTENDED_START;
	struct file_part initrd = { .fd = input->initrd_fd, .what = "initrd" };
	int err;

	boot->initrd_gpa = boot->initrd_bytes = 0;
	if (initrd.fd < 0)
		return 0;
	err = boot_file_bytes(initrd.fd, initrd.what, &initrd.length, error);
	if (err)
		return err;
	if (limit > memory_low_end(memory))
		limit = memory_low_end(memory);
	if (initrd.length <= limit)
		boot->initrd_gpa = (limit - initrd.length) / PAGE_BYTES * PAGE_BYTES;
	if (boot->initrd_gpa < floor)
		return vmm_fail(error, ENOSPC, "boot", "boot_load_initrd",
				"%llu bytes do not fit between 0x%llx and 0x%llx", (unsigned long long)initrd.length,
				(unsigned long long)floor, (unsigned long long)limit);
	boot->initrd_bytes = initrd.length;
	return (input->maps_initrd ? memory_map : memory_load)(memory, boot->initrd_gpa, &initrd, error);
}

static int load_cmdline(const struct memory *memory, const char *cmdline, struct vmm_error *error)
{
	size_t bytes = strlen(cmdline) + 1;
	void *out = memory_at(memory, CMDLINE_GPA, CMDLINE_BYTES);

	if (bytes > CMDLINE_BYTES || !out)
		return vmm_fail(error, E2BIG, "boot", "load_cmdline", "%zu bytes", bytes);
	memcpy(out, cmdline, bytes);
	return 0;
}

int boot_linux(const struct memory *memory, const struct boot_input *input, struct boot *boot, struct vmm_error *error)
{
	char magic[SELFMAG];
	int err;

	if (memory->bytes < 2 * EXTENDED_START)
		return vmm_fail(error, EINVAL, "boot", "boot_linux", "too little memory for Linux");
	if (pread(input->kernel_fd, magic, sizeof(magic), 0) != sizeof(magic))
		return vmm_fail(error, ENOEXEC, "boot", "pread", "kernel: no header");
	err = load_cmdline(memory, input->cmdline, error);
	if (err)
		return err;
	if (memcmp(magic, ELFMAG, SELFMAG) == 0)
		return elf_load(memory, input, boot, error);
	return bzimage_load(memory, input, boot, error);
}
