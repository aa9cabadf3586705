#ifndef MONITOR_WALK_H
#define MONITOR_WALK_H

#include "memory.h"

#define TLB_ENTRIES 512

/* The kernel's addresses: windows first, then page tables. */
struct address_space {
	const struct ram *ram;
	uint64_t root_gpa;
	uint32_t levels;
	uint32_t window_count;
	struct monitor_window windows[MONITOR_MAX_WINDOWS];
};

/* Pages by their address. `page` of an entry is where the guest's page is in this process. */
struct tlb_entry {
	/* Address of the page with bit 0 set, so that zeros are an empty entry. */
	uint64_t tag;
	const uint8_t *page;
};
struct tlb {
	struct tlb_entry entries[TLB_ENTRIES];
};

int space_init(struct address_space *space, const struct ram *ram, const struct monitor_config *config,
	       const struct monitor_window *windows, struct monitor_error *error);

void tlb_flush(struct tlb *tlb);

/* The guest-physical address behind a kernel address. -EFAULT when it is not mapped. */
int space_translate(const struct address_space *space, uint64_t kva, uint64_t *gpa);

/* Copies memory at a kernel address. -EFAULT when a part of it is not mapped or not RAM. */
int space_read(const struct address_space *space, struct tlb *tlb, uint64_t kva, void *out, uint64_t length);

#endif
