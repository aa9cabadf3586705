/* Kernel images with the boot protocol of Documentation/arch/x86/boot.rst, entered at their 64-bit entry point. */
#include "boot.h"

#include <asm/bootparam.h>
#include <errno.h>
#include <string.h>
#include <unistd.h>

#define HEADER_MAGIC 0x53726448
#define BOOT_FLAG 0xaa55
/* XLF_* came with protocol 2.12. */
#define OLDEST_PROTOCOL 0x020c
#define SECTOR_BYTES 512
#define DEFAULT_SETUP_SECTORS 4
#define ENTRY_64 0x200
#define LOADER_UNDEFINED 0xff
#define PAGE_ENTRY_PRESENT_WRITABLE 0x3
#define PAGE_ENTRY_LARGE 0x80
#define TABLE_ENTRIES 512
#define TABLE_BYTES 4096
#define MAPPED_GIB 4

static int read_header(int fd, struct setup_header *header, struct vmm_error *error)
{
	ssize_t got = pread(fd, header, sizeof(*header), offsetof(struct boot_params, hdr));

	if (got != (ssize_t)sizeof(*header) || header->boot_flag != BOOT_FLAG || header->header != HEADER_MAGIC)
		return vmm_fail(error, ENOEXEC, "boot", "read_header", "neither an ELF image nor a bzImage");
	if (header->version < OLDEST_PROTOCOL || !(header->xloadflags & XLF_KERNEL_64))
		return vmm_fail(error, ENOEXEC, "boot", "read_header", "boot protocol 0x%x without a 64-bit entry",
				header->version);
	return 0;
}

static int load_kernel(const struct memory *memory, const struct boot_input *input, const struct setup_header *header,
		       struct boot *boot, struct vmm_error *error)
{
	const int fd = input->kernel_fd;
	const uint64_t low_end = memory_low_end(memory);
	uint32_t sectors = header->setup_sects ? header->setup_sects : DEFAULT_SETUP_SECTORS;
	struct file_part kernel = { .fd = fd, .offset = (sectors + 1) * SECTOR_BYTES, .what = "kernel" };
	uint64_t file_bytes, bytes;
	int err = boot_file_bytes(fd, kernel.what, &file_bytes, error);

	if (err)
		return err;
	if (file_bytes <= kernel.offset + ENTRY_64)
		return vmm_fail(error, ENOEXEC, "boot", "load_kernel", "kernel: the file ends before the entry point");
	kernel.length = file_bytes - kernel.offset;
	bytes = kernel.length > header->init_size ? kernel.length : header->init_size;
	if (header->pref_address < EXTENDED_START || header->pref_address > low_end ||
	    bytes > low_end - header->pref_address)
		return vmm_fail(error, ENOSPC, "boot", "load_kernel", "needs %llu bytes at 0x%llx",
				(unsigned long long)bytes, (unsigned long long)header->pref_address);
	boot->kernel_end = header->pref_address + bytes;
	return memory_load(memory, header->pref_address, &kernel, error);
}

/* The first 4 GiB map onto themselves, in pages of 2 MiB; the kernel makes its own tables from there. */
static void write_page_tables(const struct memory *memory)
{
	uint64_t *level4 = memory_at(memory, PAGE_TABLES_GPA, (2 + MAPPED_GIB) * TABLE_BYTES);
	uint64_t *level3 = level4 + TABLE_ENTRIES;
	uint64_t *level2 = level3 + TABLE_ENTRIES;

	level4[0] = (PAGE_TABLES_GPA + TABLE_BYTES) | PAGE_ENTRY_PRESENT_WRITABLE;
	for (uint64_t i = 0; i < MAPPED_GIB; i++)
		level3[i] = (PAGE_TABLES_GPA + (2 + i) * TABLE_BYTES) | PAGE_ENTRY_PRESENT_WRITABLE;
	for (uint64_t i = 0; i < MAPPED_GIB * TABLE_ENTRIES; i++)
		level2[i] = i << 21 | PAGE_ENTRY_PRESENT_WRITABLE | PAGE_ENTRY_LARGE;
}

static void write_zero_page(const struct memory *memory, const struct setup_header *header, const struct boot *boot)
{
	struct boot_params *params = memory_at(memory, ZERO_PAGE_GPA, sizeof(*params));
	struct memory_map_entry map[MEMORY_MAP_MAX];

	memset(params, 0, sizeof(*params));
	params->hdr = *header;
	params->hdr.type_of_loader = LOADER_UNDEFINED;
	params->hdr.cmd_line_ptr = CMDLINE_GPA;
	params->hdr.ramdisk_image = (uint32_t)boot->initrd_gpa;
	params->hdr.ramdisk_size = (uint32_t)boot->initrd_bytes;
	params->acpi_rsdp_addr = TABLES_GPA;
	params->e820_entries = (uint8_t)boot_memory_map(memory, map);
	for (uint32_t i = 0; i < params->e820_entries; i++)
		params->e820_table[i] = (struct boot_e820_entry){ map[i].gpa, map[i].bytes, map[i].type };
}

int bzimage_load(const struct memory *memory, const struct boot_input *input, struct boot *boot,
		 struct vmm_error *error)
{
	struct setup_header header;
	int err = read_header(input->kernel_fd, &header, error);

	if (!err && strlen(input->cmdline) > header.cmdline_size)
		err = vmm_fail(error, E2BIG, "boot", "bzimage_load", "this kernel takes a command line of %u bytes",
			       header.cmdline_size);
	if (!err)
		err = load_kernel(memory, input, &header, boot, error);
	if (!err)
		err = boot_load_initrd(memory, input, (uint64_t)header.initrd_addr_max + 1, boot, error);
	if (err)
		return err;
	boot->mode = BOOT_LONG;
	boot->entry = header.pref_address + ENTRY_64;
	write_page_tables(memory);
	write_zero_page(memory, &header, boot);
	return 0;
}
