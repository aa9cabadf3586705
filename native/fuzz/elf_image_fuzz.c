/* An ELF kernel with a PVH note that could be booted, with changes. */
#include "image.h"

#include <elf.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length);

#define KERNEL_GPA 0x1000000
#define NOTE_OFFSET 0x400
#define CODE_OFFSET 0x800
#define SEGMENTS 3
#define XEN_PHYS32_ENTRY 18

struct note {
	Elf64_Nhdr header;
	char name[4];
	uint32_t entry;
};

static void make(struct image *image, Elf64_Phdr segments[SEGMENTS])
{
	const Elf64_Ehdr header = {
		.e_ident = { 0x7f, 'E', 'L', 'F', ELFCLASS64, ELFDATA2LSB, EV_CURRENT },
		.e_type = ET_EXEC,
		.e_machine = EM_X86_64,
		.e_version = EV_CURRENT,
		.e_phoff = sizeof(header),
		.e_phentsize = sizeof(Elf64_Phdr),
		.e_phnum = SEGMENTS,
	};
	const struct note note = { { 4, 4, XEN_PHYS32_ENTRY }, "Xen", KERNEL_GPA };

	*image = (struct image){ .size = sizeof(image->bytes) };
	memcpy(image->bytes, &header, sizeof(header));
	memcpy(image->bytes + sizeof(header), segments, SEGMENTS * sizeof(segments[0]));
	memcpy(image->bytes + NOTE_OFFSET, &note, sizeof(note));
}

/* A field of a segment: file offset, length there, address, length in memory. */
static void change_segment(Elf64_Phdr segments[SEGMENTS], struct input *input)
{
	uint8_t which = input_u8(input);
	Elf64_Phdr *segment = &segments[which % SEGMENTS];
	uint64_t *fields[] = { &segment->p_offset, &segment->p_filesz, &segment->p_paddr, &segment->p_memsz };

	*fields[which >> 2 & 3] = which & 0x80 ? input_u64(input) : (uint64_t)input_u16(input) << (which >> 4 & 7) * 2;
}

static void add_notes(struct image *image, struct input *input)
{
	uint8_t *at = image->bytes + NOTE_OFFSET;

	for (uint8_t count = input_u8(input) % 8; count > 0; count--) {
		Elf64_Nhdr note = { input_u8(input), input_u8(input), input_u8(input) % 32 };

		if (note.n_type & 16)
			note.n_descsz = input_u32(input);
		memcpy(at, &note, sizeof(note));
		memcpy(at + sizeof(note), "Xen", 4);
		at += sizeof(note) + (note.n_namesz + 3) / 4 * 4;
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
	struct input input = { bytes, bytes + length };
	static struct image image;
	Elf64_Phdr segments[SEGMENTS] = {
		{ .p_type = PT_LOAD, .p_offset = CODE_OFFSET, .p_paddr = KERNEL_GPA, .p_filesz = 64, .p_memsz = 4096 },
		{ .p_type = PT_NOTE, .p_offset = NOTE_OFFSET, .p_filesz = 0x100 },
		{ .p_type = PT_LOAD,
		  .p_offset = CODE_OFFSET,
		  .p_paddr = KERNEL_GPA + 4096,
		  .p_filesz = 1,
		  .p_memsz = 1 },
	};
	uint8_t how = input_u8(&input);

	for (uint8_t i = 0; i < (how & 3); i++)
		change_segment(segments, &input);
	make(&image, segments);
	if (how & 4)
		add_notes(&image, &input);
	image_spoil(&image, &input);
	image_boot(&image, &input);
	return 0;
}
