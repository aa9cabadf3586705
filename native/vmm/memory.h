#ifndef VMM_MEMORY_H
#define VMM_MEMORY_H

#include "error.h"

#include <stddef.h>

/* RAM ends here and goes on at 4 GiB: devices, APICs and the pages of KVM itself lie between. */
#define LOW_LIMIT 0xc0000000ULL
#define HIGH_START 0x100000000ULL

#define MAX_NUMA_NODES 64
/* Each node is one range, but for the one that the hole cuts in two. */
#define MAX_RANGES (MAX_NUMA_NODES + 1)

struct memory_range {
	uint64_t gpa;
	uint64_t bytes;
	uint64_t offset;
	uint32_t node;
};

/* One mapping; ranges in the order of their addresses, which is that of the mapping. */
struct memory {
	uint8_t *base;
	uint64_t bytes;
	/* The file that is mapped, or VMM_NO_FD. */
	int fd;
	uint32_t range_count;
	struct memory_range ranges[MAX_RANGES];
};

/*
 * Splits RAM evenly over the nodes, in huge pages where there is one for each, the remainder on the last; a pure
 * function of its arguments.
 */
void memory_lay_out(struct memory *memory, uint64_t bytes, uint32_t nodes);

/* `nodes` as many as the configuration says, or NULL. */
int memory_init(struct memory *memory, const struct vmm_config *config, const struct vmm_node *nodes,
		struct vmm_error *error);
void memory_deinit(struct memory *memory);

/* Where [gpa, gpa + length) is mapped, or NULL when a part of it is not RAM. */
void *memory_at(const struct memory *memory, uint64_t gpa, uint64_t length);

/* End of RAM below the hole. */
uint64_t memory_low_end(const struct memory *memory);

/* Reads a part of a file into RAM. `what` names it in an error. */
struct file_part {
	int fd;
	uint64_t offset;
	uint64_t length;
	const char *what;
};
int memory_load(const struct memory *memory, uint64_t gpa, const struct file_part *part, struct vmm_error *error);

/* The same without copying: what the guest does not write stays the file's. For RAM that is no file, at whole pages. */
int memory_map(const struct memory *memory, uint64_t gpa, const struct file_part *part, struct vmm_error *error);

#endif
