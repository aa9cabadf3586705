#include "memory.h"

#include <errno.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>

static int check_range(const struct monitor_range *range, uint64_t after, struct monitor_error *error)
{
	if (range->bytes == 0 || range->gpa % PAGE_BYTES != 0 || range->bytes % PAGE_BYTES != 0 ||
	    range->file_offset % PAGE_BYTES != 0 || range->gpa < after || range->bytes > UINT64_MAX - range->gpa)
		return monitor_fail(error, EINVAL, "memory", "monitor_create",
				    "0x%llx bytes at 0x%llx: ranges are whole pages, ascend and do not overlap",
				    (unsigned long long)range->bytes, (unsigned long long)range->gpa);
	if (range->fd == MONITOR_NO_FD && range->address == 0)
		return monitor_fail(error, EINVAL, "memory", "monitor_create",
				    "the range at 0x%llx has neither a file nor an address",
				    (unsigned long long)range->gpa);
	return 0;
}

/* Behind the end of a file its mapping has no pages to read, only signals. */
static int check_file(const struct monitor_range *range, struct monitor_error *error)
{
	struct stat file;

	if (fstat(range->fd, &file) != 0)
		return monitor_fail(error, errno, "memory", "fstat", "file of the range at 0x%llx",
				    (unsigned long long)range->gpa);
	if ((uint64_t)file.st_size < range->file_offset || (uint64_t)file.st_size - range->file_offset < range->bytes)
		return monitor_fail(error, ENODATA, "memory", "fstat",
				    "the file of the range at 0x%llx has %llu bytes, needed are %llu from %llu on",
				    (unsigned long long)range->gpa, (unsigned long long)file.st_size,
				    (unsigned long long)range->bytes, (unsigned long long)range->file_offset);
	return 0;
}

static int map_range(struct ram_range *out, const struct monitor_range *range, struct monitor_error *error)
{
	void *mapping;
	int err;

	*out = (struct ram_range){ .gpa = range->gpa, .bytes = range->bytes };
	if (range->fd == MONITOR_NO_FD) {
		out->base = (const uint8_t *)(uintptr_t)range->address;
		return 0;
	}
	err = check_file(range, error);
	if (err)
		return err;
	mapping = mmap(NULL, range->bytes, PROT_READ, MAP_SHARED, range->fd, (off_t)range->file_offset);
	if (mapping == MAP_FAILED)
		return monitor_fail(error, errno, "memory", "mmap", "%llu bytes of guest RAM",
				    (unsigned long long)range->bytes);
	madvise(mapping, range->bytes, MADV_DONTDUMP);
	out->mapping = mapping;
	out->base = mapping;
	return 0;
}

int ram_init(struct ram *ram, const struct monitor_range *ranges, uint32_t count, struct monitor_error *error)
{
	uint64_t after = 0;
	int err = 0;

	ram->count = 0;
	if (count == 0 || count > MONITOR_MAX_RANGES)
		return monitor_fail(error, EINVAL, "memory", "monitor_create", "%u ranges", count);
	while (ram->count < count && !err) {
		const struct monitor_range *range = &ranges[ram->count];

		err = check_range(range, after, error);
		if (!err)
			err = map_range(&ram->ranges[ram->count], range, error);
		if (err)
			break;
		after = range->gpa + range->bytes;
		ram->count++;
	}
	if (err)
		ram_deinit(ram);
	return err;
}

void ram_deinit(struct ram *ram)
{
	for (uint32_t i = 0; i < ram->count; i++) {
		if (ram->ranges[i].mapping)
			munmap(ram->ranges[i].mapping, ram->ranges[i].bytes);
	}
	ram->count = 0;
}

const uint8_t *ram_at(const struct ram *ram, uint64_t gpa, uint64_t *available)
{
	for (uint32_t i = 0; i < ram->count; i++) {
		const struct ram_range *range = &ram->ranges[i];

		if (gpa - range->gpa < range->bytes) {
			*available = range->bytes - (gpa - range->gpa);
			return range->base + (gpa - range->gpa);
		}
	}
	return NULL;
}

int ram_read(const struct ram *ram, uint64_t gpa, void *out, uint64_t length)
{
	uint8_t *to = out;

	for (uint64_t done = 0; done < length;) {
		uint64_t available;
		const uint8_t *from = ram_at(ram, gpa + done, &available);

		if (!from)
			return -EFAULT;
		done += ram_copy(to + done, from, available, length - done);
	}
	return 0;
}

uint64_t ram_copy(void *out, const uint8_t *from, uint64_t available, uint64_t length)
{
	uintptr_t at = (uintptr_t)from;

	if (length > available)
		length = available;
	if (length == 8 && at % 8 == 0) {
		uint64_t word = __atomic_load_n((const uint64_t *)at, __ATOMIC_RELAXED);

		memcpy(out, &word, sizeof(word));
	} else if (length == 4 && at % 4 == 0) {
		uint32_t word = __atomic_load_n((const uint32_t *)at, __ATOMIC_RELAXED);

		memcpy(out, &word, sizeof(word));
	} else if (length == 2 && at % 2 == 0) {
		uint16_t word = __atomic_load_n((const uint16_t *)at, __ATOMIC_RELAXED);

		memcpy(out, &word, sizeof(word));
	} else {
		memcpy(out, from, length);
	}
	return length;
}
