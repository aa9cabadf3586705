#include "memory.h"

#include <errno.h>
#include <linux/memfd.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define PAGE_BYTES 4096ULL
#define HUGE_PAGE_BYTES (2ULL << 20)
/* Half of what a process has of addresses: sums of addresses and lengths in RAM do not overflow. */
#define MAX_BYTES (1ULL << 46)

static void add_range(struct memory *memory, struct memory_range range)
{
	if (range.bytes > 0)
		memory->ranges[memory->range_count++] = range;
}

static uint64_t gpa_of(uint64_t offset)
{
	return offset < LOW_LIMIT ? offset : offset - LOW_LIMIT + HIGH_START;
}

/* The next node's memory, cut in two where the hole is. */
static void add_node(struct memory *memory, uint32_t node, uint64_t bytes)
{
	uint64_t start = memory->bytes, end = start + bytes;
	uint64_t cut = start < LOW_LIMIT && end > LOW_LIMIT ? LOW_LIMIT : end;

	add_range(memory, (struct memory_range){ gpa_of(start), cut - start, start, node });
	add_range(memory, (struct memory_range){ gpa_of(cut), end - cut, cut, node });
	memory->bytes = end;
}

void memory_lay_out(struct memory *memory, uint64_t bytes, uint32_t nodes)
{
	uint64_t unit = bytes / nodes < HUGE_PAGE_BYTES ? PAGE_BYTES : HUGE_PAGE_BYTES;
	uint64_t even = bytes / nodes / unit * unit;

	memory->bytes = 0;
	memory->range_count = 0;
	for (uint32_t node = 0; node < nodes; node++)
		add_node(memory, node, node + 1 < nodes ? even : bytes - memory->bytes);
}

/* Returns 0, or -EINVAL when the nodes do not have what the machine has. */
static int lay_out_nodes(struct memory *memory, const struct vmm_config *config, const struct vmm_node *nodes)
{
	memory->bytes = 0;
	memory->range_count = 0;
	for (uint32_t node = 0; node < config->nodes; node++) {
		uint64_t bytes = nodes[node].memory_bytes;

		if (bytes == 0 || bytes % PAGE_BYTES != 0 || bytes > config->memory_bytes - memory->bytes)
			return -EINVAL;
		add_node(memory, node, bytes);
	}
	return memory->bytes == config->memory_bytes ? 0 : -EINVAL;
}

static int open_file(struct memory *memory, uint32_t kind, struct vmm_error *error)
{
	unsigned int flags = MFD_CLOEXEC | (kind == VMM_MEMORY_HUGETLB ? MFD_HUGETLB | MFD_HUGE_2MB : 0);

	if (kind == VMM_MEMORY_ANONYMOUS)
		return 0;
	memory->fd = memfd_create("ktstr-ram", flags);
	if (memory->fd < 0)
		return vmm_fail(error, errno, "memory", "memfd_create", "guest RAM");
	if (ftruncate(memory->fd, (off_t)memory->bytes) != 0)
		return vmm_fail(error, errno, "memory", "ftruncate", "%llu bytes of guest RAM",
				(unsigned long long)memory->bytes);
	return 0;
}

/*
 * Where huge pages of the guest can be those of the host: KVM wants both addresses to be aligned alike. What is too
 * much of the reservation is given back.
 */
static uint8_t *reserve(uint64_t bytes)
{
	uint8_t *start =
		mmap(NULL, bytes + HUGE_PAGE_BYTES, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	uint64_t before;

	if (start == MAP_FAILED)
		return NULL;
	before = -(uintptr_t)start % HUGE_PAGE_BYTES;
	if (before > 0)
		munmap(start, before);
	munmap(start + before + bytes, HUGE_PAGE_BYTES - before);
	return start + before;
}

static int map_ram(struct memory *memory, uint32_t kind, struct vmm_error *error)
{
	int flags = memory->fd < 0 ? MAP_PRIVATE | MAP_ANONYMOUS : MAP_SHARED;

	memory->base = reserve(memory->bytes);
	if (!memory->base)
		return vmm_fail(error, errno, "memory", "mmap", "addresses for %llu bytes of guest RAM",
				(unsigned long long)memory->bytes);
	/* A pool of huge pages is asked now whether it has enough: later, its lack would kill the process. */
	if (kind != VMM_MEMORY_HUGETLB)
		flags |= MAP_NORESERVE;
	if (mmap(memory->base, memory->bytes, PROT_READ | PROT_WRITE, flags | MAP_FIXED, memory->fd, 0) == MAP_FAILED)
		return vmm_fail(error, errno, "memory", "mmap", "%llu bytes of guest RAM",
				(unsigned long long)memory->bytes);
	/* Advice: a host without huge pages takes small ones. */
	if (kind != VMM_MEMORY_HUGETLB)
		madvise(memory->base, memory->bytes, MADV_HUGEPAGE);
	madvise(memory->base, memory->bytes, MADV_DONTDUMP);
	return 0;
}

int memory_init(struct memory *memory, const struct vmm_config *config, const struct vmm_node *nodes,
		struct vmm_error *error)
{
	uint64_t unit = config->memory_kind == VMM_MEMORY_HUGETLB ? HUGE_PAGE_BYTES : PAGE_BYTES;
	int err;

	if (config->memory_bytes == 0 || config->memory_bytes > MAX_BYTES || config->memory_bytes % unit != 0 ||
	    config->numa_nodes == 0 || config->numa_nodes > MAX_NUMA_NODES || config->memory_kind > VMM_MEMORY_HUGETLB)
		return vmm_fail(error, EINVAL, "memory", "memory_init", "%llu bytes on %u nodes, memory kind %u",
				(unsigned long long)config->memory_bytes, config->numa_nodes, config->memory_kind);
	if (!config->nodes)
		memory_lay_out(memory, config->memory_bytes, config->numa_nodes);
	else if (lay_out_nodes(memory, config, nodes) != 0)
		return vmm_fail(error, EINVAL, "memory", "memory_init",
				"the memory of %u nodes is not %llu bytes in whole pages", config->nodes,
				(unsigned long long)config->memory_bytes);
	err = open_file(memory, config->memory_kind, error);
	return err ? err : map_ram(memory, config->memory_kind, error);
}

void memory_deinit(struct memory *memory)
{
	if (memory->base)
		munmap(memory->base, memory->bytes);
	if (memory->fd >= 0)
		close(memory->fd);
	memory->base = NULL;
	memory->fd = VMM_NO_FD;
}

/* The mapping has no holes where addresses have none, so a request may span ranges that touch. */
void *memory_at(const struct memory *memory, uint64_t gpa, uint64_t length)
{
	uint64_t low = memory_low_end(memory);
	uint64_t high = memory->bytes - low;

	if (gpa <= low && length <= low - gpa)
		return memory->base + gpa;
	if (gpa >= HIGH_START && gpa - HIGH_START <= high && length <= high - (gpa - HIGH_START))
		return memory->base + low + (gpa - HIGH_START);
	return NULL;
}

uint64_t memory_low_end(const struct memory *memory)
{
	return memory->bytes < LOW_LIMIT ? memory->bytes : LOW_LIMIT;
}

int memory_load(const struct memory *memory, uint64_t gpa, const struct file_part *part, struct vmm_error *error)
{
	uint8_t *out = memory_at(memory, gpa, part->length);
	uint64_t done = 0;

	if (!out)
		return vmm_fail(error, ENOSPC, "boot", "memory_load", "%s: %llu bytes at 0x%llx are not RAM",
				part->what, (unsigned long long)part->length, (unsigned long long)gpa);
	while (done < part->length) {
		ssize_t got = pread(part->fd, out + done, part->length - done, (off_t)(part->offset + done));

		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0)
			return vmm_fail(error, got < 0 ? errno : ENODATA, "boot", "pread", "%s: ends after %llu bytes",
					part->what, (unsigned long long)done);
		done += (uint64_t)got;
	}
	return 0;
}

int memory_map(const struct memory *memory, uint64_t gpa, const struct file_part *part, struct vmm_error *error)
{
	uint8_t *out = memory_at(memory, gpa, part->length);

	if (!out)
		return vmm_fail(error, ENOSPC, "boot", "memory_map", "%s: %llu bytes at 0x%llx are not RAM", part->what,
				(unsigned long long)part->length, (unsigned long long)gpa);
	/* What a file lacks of its last page is zero, as RAM is. */
	if (mmap(out, part->length, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_FIXED | MAP_NORESERVE, part->fd,
		 (off_t)part->offset) == MAP_FAILED)
		return vmm_fail(error, errno, "boot", "mmap", "%s", part->what);
	return 0;
}
