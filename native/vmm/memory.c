#include "memory.h"

#include <errno.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define PAGE_BYTES 4096

static void add_range(struct memory *memory, struct memory_range range)
{
	if (range.bytes > 0)
		memory->ranges[memory->range_count++] = range;
}

static uint64_t gpa_of(uint64_t offset)
{
	return offset < LOW_LIMIT ? offset : offset - LOW_LIMIT + HIGH_START;
}

void memory_lay_out(struct memory *memory, uint64_t bytes, uint32_t nodes)
{
	uint64_t even = bytes / nodes / PAGE_BYTES * PAGE_BYTES;
	uint64_t start = 0;

	memory->bytes = bytes;
	memory->range_count = 0;
	for (uint32_t node = 0; node < nodes; node++) {
		uint64_t end = node + 1 < nodes ? start + even : bytes;
		uint64_t cut = start < LOW_LIMIT && end > LOW_LIMIT ? LOW_LIMIT : end;

		add_range(memory, (struct memory_range){ gpa_of(start), cut - start, start, node });
		add_range(memory, (struct memory_range){ gpa_of(cut), end - cut, cut, node });
		start = end;
	}
}

int memory_init(struct memory *memory, uint64_t bytes, uint32_t nodes, struct vmm_error *error)
{
	void *base;

	memory->base = NULL;
	if (bytes == 0 || bytes % PAGE_BYTES != 0 || nodes == 0 || nodes > MAX_NUMA_NODES)
		return vmm_fail(error, EINVAL, "memory", "memory_init", "%llu bytes on %u nodes",
				(unsigned long long)bytes, nodes);
	memory_lay_out(memory, bytes, nodes);
	/* Not a file: of files, few hosts make huge pages, without which each page of the guest is a fault of its own.
	 */
	base = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	if (base == MAP_FAILED)
		return vmm_fail(error, errno, "memory", "mmap", "%llu bytes of guest RAM", (unsigned long long)bytes);
	memory->base = base;
	/* Advice: a host without huge pages takes small ones. */
	madvise(memory->base, bytes, MADV_HUGEPAGE);
	madvise(memory->base, bytes, MADV_DONTDUMP);
	return 0;
}

void memory_deinit(struct memory *memory)
{
	if (memory->base)
		munmap(memory->base, memory->bytes);
	memory->base = NULL;
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
