#include "digest.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#define WORDS_PER_PAGE (PAGE_BYTES / sizeof(uint64_t))
#define LANES 4
/* The odd constants of xxHash: Yann Collet, xxhash.h, XXH_PRIME64_1 and _2. */
#define PRIME_1 0x9e3779b185ebca87ULL
#define PRIME_2 0xc2b2ae3d27d4eb4fULL

static uint64_t mix(uint64_t state, uint64_t word)
{
	state += word * PRIME_2;
	state = state << 31 | state >> 33;
	return state * PRIME_1;
}

/* 0 for a page of zeros. */
static uint64_t page_digest(const uint8_t *page, uint64_t gpa)
{
	uint64_t words[WORDS_PER_PAGE], lanes[LANES] = { gpa, 1, 2, 3 };
	uint64_t any = 0, digest = 0;

	memcpy(words, page, sizeof(words));
	for (size_t i = 0; i < WORDS_PER_PAGE; i += LANES) {
		for (size_t lane = 0; lane < LANES; lane++) {
			any |= words[i + lane];
			lanes[lane] = mix(lanes[lane], words[i + lane]);
		}
	}
	for (size_t lane = 0; lane < LANES; lane++)
		digest = mix(digest, lanes[lane]);
	return any ? digest : 0;
}

/*
 * Where in a range its file has data (SEEK_DATA) or a hole (SEEK_HOLE), from an offset on; the end of the range when
 * there is none. Returns 0 or a negative errno.
 */
static int seek(const struct monitor_range *range, int whence, uint64_t from, uint64_t *found)
{
	off_t at = lseek(range->fd, (off_t)(range->file_offset + from), whence);

	if (at < 0 && errno != ENXIO)
		return -errno;
	*found = range->bytes;
	if (at >= 0 && (uint64_t)at - range->file_offset < range->bytes)
		*found = (uint64_t)at - range->file_offset;
	return 0;
}

/* The next piece of a range from an offset on that has data; empty, at the end of the range, when nothing follows. */
static int next_data(const struct monitor_range *range, uint64_t from, uint64_t *start, uint64_t *end)
{
	int err = 0;

	*start = from;
	*end = range->bytes;
	if (range->fd != MONITOR_NO_FD)
		err = seek(range, SEEK_DATA, from, start);
	if (range->fd != MONITOR_NO_FD && !err && *start < range->bytes)
		err = seek(range, SEEK_HOLE, *start, end);
	return err;
}

static int add_range(const struct monitor_range *range, const uint8_t *base, uint64_t from_gpa, uint64_t *digest)
{
	uint64_t start, end = 0;
	int err = next_data(range, 0, &start, &end);

	while (!err && start < end) {
		for (uint64_t at = start; at < end; at += PAGE_BYTES) {
			uint64_t gpa = range->gpa + at;
			uint64_t page = gpa < from_gpa ? 0 : page_digest(base + at, gpa);

			if (page != 0)
				*digest = mix(*digest, page);
		}
		err = next_data(range, end, &start, &end);
	}
	return err;
}

int ram_digest(const struct ram *ram, const struct monitor_range *ranges, uint64_t from_gpa, uint64_t *digest,
	       struct monitor_error *error)
{
	*digest = 0;
	for (uint32_t i = 0; i < ram->count; i++) {
		int err = add_range(&ranges[i], ram->ranges[i].base, from_gpa, digest);

		if (err)
			return monitor_fail(error, -err, "digest", "lseek", "file of the range at 0x%llx",
					    (unsigned long long)ranges[i].gpa);
	}
	return 0;
}
