#include "ram.h"
#include "invariant.h"

#include <sanitizer/asan_interface.h>
#include <sys/mman.h>

#define GUARD_BYTES (16ULL << 30)
#define RAM_BYTES (LOW_LIMIT + RAM_WINDOW_BYTES)
/* How far from the end of a window an address may lie. */
#define BEYOND 0x100

#define WINDOW_BITS 0x3
#define UNALIGNED 0x4
#define AT_THE_END 0x8
#define RACE 0x80

struct memory ram;

static struct input *racer;
static bool is_closed;
static uint64_t lookups;
/* A look-up led out of the windows, so that more than them has to be cleared. */
static bool strayed;
static uint8_t remembered[RAM_WINDOWS][RAM_WINDOW_BYTES];

void *__real_memory_at(const struct memory *memory, uint64_t gpa, uint64_t length);
void *__wrap_memory_at(const struct memory *memory, uint64_t gpa, uint64_t length);

static void map(void)
{
	uint8_t *area =
		mmap(NULL, RAM_BYTES + 2 * GUARD_BYTES, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	HOLDS(area != MAP_FAILED);
	memory_lay_out(&ram, RAM_BYTES, 1);
	ram.base = area + GUARD_BYTES;
	HOLDS(mprotect(ram.base, RAM_BYTES, PROT_READ | PROT_WRITE) == 0);
	madvise(ram.base, RAM_BYTES, MADV_NOHUGEPAGE);
}

void ram_reset(void)
{
	if (!ram.base)
		map();
	ram_allow_all();
	if (strayed)
		HOLDS(madvise(ram.base, RAM_BYTES, MADV_DONTNEED) == 0);
	for (uint32_t i = 0; !strayed && i < RAM_WINDOWS; i++)
		memset(ram_host(ram_window(i)), 0, RAM_WINDOW_BYTES);
	strayed = false;
	lookups = 0;
	racer = NULL;
}

static bool lies_in(uint64_t gpa, uint64_t length, const struct memory_range *range)
{
	return gpa >= range->gpa && gpa - range->gpa <= range->bytes && length <= range->bytes - (gpa - range->gpa);
}

bool ram_holds(uint64_t gpa, uint64_t length)
{
	static const struct memory_range low = { .gpa = 0, .bytes = LOW_LIMIT };
	static const struct memory_range high = { .gpa = HIGH_START, .bytes = RAM_WINDOW_BYTES };

	return lies_in(gpa, length, &low) || lies_in(gpa, length, &high);
}

uint8_t *ram_host(uint64_t gpa)
{
	return ram.base + (gpa < HIGH_START ? gpa : gpa - HIGH_START + LOW_LIMIT);
}

bool ram_holds_host(const void *at, uint64_t length)
{
	uint64_t offset = (uint64_t)((const uint8_t *)at - ram.base);

	return offset <= RAM_BYTES && length <= RAM_BYTES - offset;
}

uint64_t ram_window(uint32_t index)
{
	static const uint64_t starts[RAM_WINDOWS] = { 0, LOW_LIMIT - RAM_WINDOW_BYTES, HIGH_START };

	return starts[index];
}

uint64_t ram_take_gpa(struct input *input)
{
	uint8_t kind = input_u8(input);
	uint64_t gpa;

	if ((kind & WINDOW_BITS) == RAM_WINDOWS)
		return input_u64(input);
	gpa = ram_window(kind & WINDOW_BITS);
	if (kind & AT_THE_END)
		return gpa + RAM_WINDOW_BYTES - input_u8(input);
	gpa += input_u16(input) % (RAM_WINDOW_BYTES + BEYOND);
	return kind & UNALIGNED ? gpa : gpa & ~15ULL;
}

void ram_put(uint64_t gpa, const void *bytes, size_t length)
{
	if (!ram_holds(gpa, length))
		return;
	ram_allow_all();
	for (uint32_t i = 0; i < RAM_WINDOWS; i++) {
		const struct memory_range window = { .gpa = ram_window(i), .bytes = RAM_WINDOW_BYTES };

		if (lies_in(gpa, length, &window))
			memcpy(ram_host(gpa), bytes, length);
	}
}

void ram_allow_all(void)
{
	for (uint32_t i = 0; is_closed && i < RAM_WINDOWS; i++)
		ASAN_UNPOISON_MEMORY_REGION(ram_host(ram_window(i)), RAM_WINDOW_BYTES);
	is_closed = false;
}

/* The part of a buffer that lies in a window. */
static void open_part(const struct iovec *buffer, uint8_t *window)
{
	uint8_t *from = buffer->iov_base, *to = from + buffer->iov_len;

	from = from > window ? from : window;
	to = to < window + RAM_WINDOW_BYTES ? to : window + RAM_WINDOW_BYTES;
	if (from < to)
		ASAN_UNPOISON_MEMORY_REGION(from, (size_t)(to - from));
}

void ram_allow_only(const struct iovec *buffers, uint32_t count)
{
	is_closed = true;
	for (uint32_t i = 0; i < RAM_WINDOWS; i++)
		ASAN_POISON_MEMORY_REGION(ram_host(ram_window(i)), RAM_WINDOW_BYTES);
	for (uint32_t i = 0; i < RAM_WINDOWS; i++) {
		for (uint32_t j = 0; j < count; j++)
			open_part(&buffers[j], ram_host(ram_window(i)));
	}
}

void ram_race_begin(struct input *input)
{
	racer = input;
}

void ram_race_end(void)
{
	racer = NULL;
}

bool ram_is_raced(void)
{
	return racer != NULL;
}

uint64_t ram_lookups(void)
{
	return lookups;
}

static bool is_in_window(const uint8_t *at, uint64_t length)
{
	bool is_in = false;

	for (uint32_t i = 0; i < RAM_WINDOWS; i++) {
		const uint8_t *window = ram_host(ram_window(i));

		is_in = is_in || (at >= window && at + length <= window + RAM_WINDOW_BYTES);
	}
	return is_in;
}

static void race(void)
{
	uint64_t gpa;
	uint16_t value;

	if (!(input_u8(racer) & RACE))
		return;
	gpa = ram_take_gpa(racer);
	value = input_u16(racer);
	ram_put(gpa, &value, sizeof(value));
}

/* In place of memory_at() wherever devices call it. */
void *__wrap_memory_at(const struct memory *memory, uint64_t gpa, uint64_t length)
{
	uint8_t *at = __real_memory_at(memory, gpa, length);

	HOLDS(memory == &ram);
	HOLDS(at == (ram_holds(gpa, length) ? ram_host(gpa) : NULL));
	lookups++;
	strayed = strayed || (at && !is_in_window(at, length));
	if (racer)
		race();
	return at;
}

void ram_remember(void)
{
	for (uint32_t i = 0; i < RAM_WINDOWS; i++)
		memcpy(remembered[i], ram_host(ram_window(i)), RAM_WINDOW_BYTES);
}

bool ram_is_unchanged_but(const uint8_t *at, size_t length)
{
	for (uint32_t i = 0; i < RAM_WINDOWS; i++) {
		uint8_t *window = ram_host(ram_window(i));

		for (size_t j = 0; j < length; j++) {
			if (at + j >= window && at + j < window + RAM_WINDOW_BYTES)
				remembered[i][at + j - window] = at[j];
		}
		if (memcmp(remembered[i], window, RAM_WINDOW_BYTES) != 0)
			return false;
	}
	return true;
}
