#ifndef VMM_BOOT_H
#define VMM_BOOT_H

#include "memory.h"

#include <stdbool.h>

/* Guest-physical places below 1 MiB. The kernel takes what it needs from there before it uses that memory. */
#define RAW_GPA 0x1000
#define GDT_GPA 0x5000
#define START_INFO_GPA 0x6000
#define ZERO_PAGE_GPA 0x7000
#define PAGE_TABLES_GPA 0x9000
#define CMDLINE_GPA 0x20000
#define CMDLINE_BYTES 0x10000
/* Up to here memory is free; the area after it belongs to firmware, of which only the tables are here. */
#define CONVENTIONAL_END 0x9fc00
#define TABLES_GPA 0xe0000
#define TABLES_BYTES 0x20000
#define EXTENDED_START 0x100000

/* In which state the first vcpu starts. */
enum boot_mode {
	/* Real mode at RAW_GPA. */
	BOOT_RAW,
	/* 64-bit mode with RSI = ZERO_PAGE_GPA: Documentation/arch/x86/boot.rst. */
	BOOT_LONG,
	/* 32-bit mode without paging and with EBX = START_INFO_GPA: the x86/HVM direct boot ABI of Xen. */
	BOOT_PVH,
};

struct boot_input {
	int kernel_fd, initrd_fd;
	/* The initrd is mapped instead of copied. */
	bool maps_initrd;
	const char *cmdline;
};

struct boot {
	enum boot_mode mode;
	uint64_t entry;
	/* Behind what the kernel takes before it looks for the initrd. */
	uint64_t kernel_end;
	uint64_t initrd_gpa, initrd_bytes;
};

/* What the guest may use, in the encoding of the E820 call. */
struct memory_map_entry {
	uint64_t gpa;
	uint64_t bytes;
	uint32_t type;
};
#define MEMORY_MAP_RAM 1
#define MEMORY_MAP_RESERVED 2
#define MEMORY_MAP_MAX 8

uint32_t boot_memory_map(const struct memory *memory, struct memory_map_entry map[MEMORY_MAP_MAX]);

int boot_file_bytes(int fd, const char *what, uint64_t *bytes, struct vmm_error *error);

/* Puts kernel, initrd and command line into RAM. */
int boot_raw(const struct memory *memory, int kernel_fd, struct boot *boot, struct vmm_error *error);
int boot_linux(const struct memory *memory, const struct boot_input *input, struct boot *boot, struct vmm_error *error);

/* The two kinds of kernel image. The kernel's own start information is written last. */
int bzimage_load(const struct memory *memory, const struct boot_input *input, struct boot *boot,
		 struct vmm_error *error);
int elf_load(const struct memory *memory, const struct boot_input *input, struct boot *boot, struct vmm_error *error);

/* Loads the initrd as high as it goes under `limit`, above the kernel. Without one, its length is 0. */
int boot_load_initrd(const struct memory *memory, const struct boot_input *input, uint64_t limit, struct boot *boot,
		     struct vmm_error *error);

#endif
