/* ELF kernels, entered by the x86/HVM direct boot ABI: xen/include/public/arch-x86/hvm/start_info.h, version 1. */
#include "boot.h"

#include <elf.h>
#include <errno.h>
#include <string.h>
#include <unistd.h>

#define START_INFO_MAGIC 0x336ec578
#define NOTE_PHYS32_ENTRY 18
#define MAX_SEGMENTS 64
#define MAX_NOTES_BYTES 65536
#define MODULES_OFFSET 0x100
#define MAP_OFFSET 0x200

struct start_info {
	uint32_t magic;
	uint32_t version;
	uint32_t flags;
	uint32_t nr_modules;
	uint64_t modlist_paddr;
	uint64_t cmdline_paddr;
	uint64_t rsdp_paddr;
	uint64_t memmap_paddr;
	uint32_t memmap_entries;
	uint32_t reserved;
};

struct module_entry {
	uint64_t paddr;
	uint64_t size;
	uint64_t cmdline_paddr;
	uint64_t reserved;
};

struct map_entry {
	uint64_t addr;
	uint64_t size;
	uint32_t type;
	uint32_t reserved;
};

_Static_assert(sizeof(struct start_info) == 56, "version 1 of the start information");

struct notes {
	uint8_t bytes[MAX_NOTES_BYTES];
	size_t length;
};

static size_t align4(size_t size)
{
	return (size + 3) & ~(size_t)3;
}

/* Returns 1 with the entry point when the notes have one. */
static int find_entry(const struct notes *notes, uint64_t *entry)
{
	size_t at = 0;

	while (notes->length - at >= sizeof(Elf64_Nhdr)) {
		Elf64_Nhdr note;
		size_t left = notes->length - at - sizeof(note);
		const uint8_t *name = notes->bytes + at + sizeof(note);

		memcpy(&note, notes->bytes + at, sizeof(note));
		if (note.n_namesz > left || note.n_descsz > left ||
		    align4(note.n_namesz) + align4(note.n_descsz) > left)
			return 0;
		if (note.n_type == NOTE_PHYS32_ENTRY && note.n_namesz == 4 && memcmp(name, "Xen", 4) == 0 &&
		    note.n_descsz >= 4) {
			*entry = 0;
			memcpy(entry, name + align4(note.n_namesz), 4);
			return 1;
		}
		at += sizeof(note) + align4(note.n_namesz) + align4(note.n_descsz);
	}
	return 0;
}

static int read_notes(int fd, const Elf64_Phdr *segment, struct boot *boot)
{
	struct notes notes = { .length = segment->p_filesz };

	if (notes.length > sizeof(notes.bytes) ||
	    pread(fd, notes.bytes, notes.length, (off_t)segment->p_offset) != (ssize_t)notes.length)
		return 0;
	return find_entry(&notes, &boot->entry);
}

static int load_segments(const struct memory *memory, int fd, struct boot *boot, struct vmm_error *error)
{
	Elf64_Ehdr header;
	Elf64_Phdr segments[MAX_SEGMENTS];
	int has_entry = 0;

	if (pread(fd, &header, sizeof(header), 0) != sizeof(header) || header.e_machine != EM_X86_64 ||
	    header.e_phnum > MAX_SEGMENTS || header.e_phentsize != sizeof(segments[0]) ||
	    pread(fd, segments, header.e_phnum * sizeof(segments[0]), (off_t)header.e_phoff) !=
		    (ssize_t)(header.e_phnum * sizeof(segments[0])))
		return vmm_fail(error, ENOEXEC, "boot", "load_segments", "kernel: no x86-64 ELF image");
	for (uint32_t i = 0; i < header.e_phnum; i++) {
		const Elf64_Phdr *segment = &segments[i];
		struct file_part part = { fd, segment->p_offset, segment->p_filesz, "kernel" };
		int err = 0;

		if (segment->p_type == PT_NOTE && !has_entry)
			has_entry = read_notes(fd, segment, boot);
		if (segment->p_type != PT_LOAD)
			continue;
		/* RAM is zero already where the segment is longer than the file. */
		if (!memory_at(memory, segment->p_paddr, segment->p_memsz) || segment->p_paddr < EXTENDED_START ||
		    segment->p_filesz > segment->p_memsz)
			return vmm_fail(error, ENOSPC, "boot", "load_segments",
					"kernel: %llu bytes at 0x%llx do not fit", (unsigned long long)segment->p_memsz,
					(unsigned long long)segment->p_paddr);
		err = memory_load(memory, segment->p_paddr, &part, error);
		if (err)
			return err;
		if (boot->kernel_end < segment->p_paddr + segment->p_memsz)
			boot->kernel_end = segment->p_paddr + segment->p_memsz;
	}
	if (!has_entry)
		return vmm_fail(error, ENOEXEC, "boot", "load_segments", "kernel: the ELF image has no PVH entry");
	if (boot->entry < EXTENDED_START || boot->entry >= boot->kernel_end)
		return vmm_fail(error, ENOEXEC, "boot", "load_segments",
				"kernel: nothing is loaded at its PVH entry 0x%llx", (unsigned long long)boot->entry);
	return 0;
}

static void write_start_info(const struct memory *memory, const struct boot *boot)
{
	struct memory_map_entry map[MEMORY_MAP_MAX];
	uint32_t count = boot_memory_map(memory, map);
	uint8_t *page = memory_at(memory, START_INFO_GPA, 0x1000);
	struct start_info info = {
		.magic = START_INFO_MAGIC,
		.version = 1,
		.nr_modules = boot->initrd_bytes > 0,
		.modlist_paddr = START_INFO_GPA + MODULES_OFFSET,
		.cmdline_paddr = CMDLINE_GPA,
		.rsdp_paddr = TABLES_GPA,
		.memmap_paddr = START_INFO_GPA + MAP_OFFSET,
		.memmap_entries = count,
	};
	struct module_entry module = { .paddr = boot->initrd_gpa, .size = boot->initrd_bytes };

	memcpy(page, &info, sizeof(info));
	memcpy(page + MODULES_OFFSET, &module, sizeof(module));
	for (uint32_t i = 0; i < count; i++) {
		struct map_entry entry = { .addr = map[i].gpa, .size = map[i].bytes, .type = map[i].type };

		memcpy(page + MAP_OFFSET + i * sizeof(entry), &entry, sizeof(entry));
	}
}

int elf_load(const struct memory *memory, const struct boot_input *input, struct boot *boot, struct vmm_error *error)
{
	int err;

	boot->kernel_end = 0;
	err = load_segments(memory, input->kernel_fd, boot, error);
	if (!err)
		err = boot_load_initrd(memory, input, LOW_LIMIT, boot, error);
	if (err)
		return err;
	boot->mode = BOOT_PVH;
	write_start_info(memory, boot);
	return 0;
}
