#include "digest.h"

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

/* Where the file has something at or behind an offset; the end of the range when nothing follows in it. */
static uint64_t next_data(const struct monitor_range *range, uint64_t offset)
{
	off_t found;

	if (range->fd == MONITOR_NO_FD)
		return offset;
	found = lseek(range->fd, (off_t)(range->file_offset + offset), SEEK_DATA);
	if (found < 0 || (uint64_t)found - range->file_offset > range->bytes)
		return range->bytes;
	return (uint64_t)found - range->file_offset;
}

static uint64_t data_end(const struct monitor_range *range, uint64_t offset)
{
	off_t found;

	if (range->fd == MONITOR_NO_FD)
		return range->bytes;
	found = lseek(range->fd, (off_t)(range->file_offset + offset), SEEK_HOLE);
	if (found < 0 || (uint64_t)found - range->file_offset > range->bytes)
		return range->bytes;
	return (uint64_t)found - range->file_offset;
}

uint64_t ram_digest(const struct ram *ram, const struct monitor_range *ranges, uint64_t from_gpa)
{
	uint64_t digest = 0;

	for (uint32_t i = 0; i < ram->count; i++) {
		const struct monitor_range *range = &ranges[i];

		for (uint64_t at = next_data(range, 0); at < range->bytes; at = next_data(range, at)) {
			for (uint64_t end = data_end(range, at); at < end; at += PAGE_BYTES) {
				uint64_t page = range->gpa + at < from_gpa
							? 0
							: page_digest(ram->ranges[i].base + at, range->gpa + at);

				if (page != 0)
					digest = mix(digest, page);
			}
		}
	}
	return digest;
}
