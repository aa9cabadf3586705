/*
 * Translation of kernel addresses, as the CPU does it: Intel SDM volume 3, 4.5. A table is a page of 512 entries; nine
 * bits of the address choose one per level. Permissions do not matter here, so their bits and those for software are
 * masked.
 */
#include "walk.h"

#include <errno.h>
#include <stdbool.h>
#include <string.h>

#define PAGE_SHIFT 12
#define INDEX_BITS 9
#define INDEX_MASK 0x1ffULL

#define ENTRY_PRESENT (1ULL << 0)
/* At levels 2 and 3: a page of 2 MiB or 1 GiB. Reserved above. */
#define ENTRY_LARGE (1ULL << 7)
#define ENTRY_ADDRESS 0x000ffffffffff000ULL
/* Bit 12 of a large page is a memory type; the bits from here up to its address are reserved. */
#define LARGE_RESERVED_FROM 13
#define LARGEST_PAGE_LEVEL 3

int space_init(struct address_space *space, const struct ram *ram, const struct monitor_config *config,
	       const struct monitor_window *windows, struct monitor_error *error)
{
	if ((config->levels != 4 && config->levels != 5) || config->window_count > MONITOR_MAX_WINDOWS)
		return monitor_fail(error, EINVAL, "configure", "monitor_create", "%u levels, %u windows",
				    config->levels, config->window_count);
	*space = (struct address_space){
		.ram = ram,
		.root_gpa = config->root_gpa & ENTRY_ADDRESS,
		.levels = config->levels,
		.window_count = config->window_count,
	};
	for (uint32_t i = 0; i < config->window_count; i++)
		space->windows[i] = windows[i];
	return 0;
}

void tlb_flush(struct tlb *tlb)
{
	memset(tlb, 0, sizeof(*tlb));
}

/* The window that has the address, or NULL. */
static const struct monitor_window *window_of(const struct address_space *space, uint64_t kva)
{
	for (uint32_t i = 0; i < space->window_count; i++) {
		if (kva - space->windows[i].kva < space->windows[i].bytes)
			return &space->windows[i];
	}
	return NULL;
}

/* All bits above those that choose entries equal the highest of these. */
static bool is_canonical(const struct address_space *space, uint64_t kva)
{
	uint32_t unused = 64 - (PAGE_SHIFT + INDEX_BITS * space->levels);

	return (uint64_t)((int64_t)(kva << unused) >> unused) == kva;
}

static int walk(const struct address_space *space, uint64_t kva, uint64_t *gpa)
{
	uint64_t table = space->root_gpa;

	if (!is_canonical(space, kva))
		return -EFAULT;
	for (uint32_t level = space->levels; level > 0; level--) {
		uint32_t shift = PAGE_SHIFT + INDEX_BITS * (level - 1);
		uint64_t below = (1ULL << shift) - 1;
		uint64_t entry;

		if (ram_read(space->ram, table + ((kva >> shift) & INDEX_MASK) * sizeof(entry), &entry,
			     sizeof(entry)) != 0)
			return -EFAULT;
		if (!(entry & ENTRY_PRESENT))
			return -EFAULT;
		table = entry & ENTRY_ADDRESS;
		if (level == 1 || !(entry & ENTRY_LARGE)) {
			if (level > 1)
				continue;
			*gpa = table | (kva & below);
			return 0;
		}
		if (level > LARGEST_PAGE_LEVEL || (table & below) >> LARGE_RESERVED_FROM != 0)
			return -EFAULT;
		*gpa = (table & ~below) | (kva & below);
		return 0;
	}
	return -EFAULT;
}

int space_translate(const struct address_space *space, uint64_t kva, uint64_t *gpa)
{
	const struct monitor_window *window = window_of(space, kva);

	if (!window)
		return walk(space, kva, gpa);
	*gpa = kva - window->kva + window->gpa;
	return 0;
}

/* Where the page of the address is, or NULL. Only whole pages of RAM are kept, so an entry is safe to read through. */
static const uint8_t *page_of(const struct address_space *space, struct tlb *tlb, uint64_t kva)
{
	uint64_t address = kva & ~(PAGE_BYTES - 1);
	struct tlb_entry *entry = &tlb->entries[(address >> PAGE_SHIFT) % TLB_ENTRIES];
	const uint8_t *page;
	uint64_t gpa, available;

	if (entry->tag == (address | 1))
		return entry->page;
	if (walk(space, address, &gpa) != 0)
		return NULL;
	page = ram_at(space->ram, gpa, &available);
	if (page) {
		entry->tag = address | 1;
		entry->page = page;
	}
	return page;
}

static const uint8_t *chunk_of(const struct address_space *space, struct tlb *tlb, uint64_t kva, uint64_t *available)
{
	const struct monitor_window *window = window_of(space, kva);
	const uint8_t *from;

	if (window) {
		uint64_t offset = kva - window->kva;

		from = ram_at(space->ram, window->gpa + offset, available);
		if (from && *available > window->bytes - offset)
			*available = window->bytes - offset;
		return from;
	}
	from = page_of(space, tlb, kva);
	*available = PAGE_BYTES - kva % PAGE_BYTES;
	return from ? from + kva % PAGE_BYTES : NULL;
}

int space_read(const struct address_space *space, struct tlb *tlb, uint64_t kva, void *out, uint64_t length)
{
	uint8_t *to = out;

	for (uint64_t done = 0; done < length;) {
		uint64_t available;
		const uint8_t *from = chunk_of(space, tlb, kva + done, &available);

		if (!from)
			return -EFAULT;
		done += ram_copy(to + done, from, available, length - done);
	}
	return 0;
}
