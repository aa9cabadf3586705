/*
 * Memory of a guest and a read plan, both as nobody makes them, for libFuzzer. What is read in one go and through the
 * TLB has to be what is found byte by byte.
 */
#include "executor.h"
#include "input.h"
#include "invariant.h"
#include "library.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#define HIGH_GPA 0x100000000ULL
#define LOW_PAGES 12
/* The second range touches the first, the third is by itself. */
#define NEXT_PAGES 2
#define HIGH_PAGES 4
#define PAGES (LOW_PAGES + NEXT_PAGES + HIGH_PAGES)
#define WINDOW_KVA 0xffff888000000000ULL
#define MAX_EXPRESSIONS 24
#define MAX_READ 9000
#define PAYLOAD_BYTES 8192

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length);

/* Each range in memory of its own, so that one byte too many is found. */
static uint8_t *pages[3];
static const uint32_t page_counts[3] = { LOW_PAGES, NEXT_PAGES, HIGH_PAGES };
static const uint64_t gpas[3] = { 0, LOW_PAGES *PAGE_BYTES, HIGH_GPA };

static void allocate(void)
{
	for (int i = 0; i < 3 && !pages[i]; i++) {
		pages[i] = aligned_alloc(PAGE_BYTES, page_counts[i] * PAGE_BYTES);
		HOLDS(pages[i]);
	}
}

static uint64_t page_gpa(uint32_t page)
{
	page %= PAGES;
	return page < LOW_PAGES + NEXT_PAGES ? page * PAGE_BYTES
					     : HIGH_GPA + (page - LOW_PAGES - NEXT_PAGES) * PAGE_BYTES;
}

static uint8_t *page_at(uint32_t page)
{
	page %= PAGES;
	if (page < LOW_PAGES)
		return pages[0] + page * PAGE_BYTES;
	if (page < LOW_PAGES + NEXT_PAGES)
		return pages[1] + (page - LOW_PAGES) * PAGE_BYTES;
	return pages[2] + (page - LOW_PAGES - NEXT_PAGES) * PAGE_BYTES;
}

/* Mostly an address at which there could be something. */
static uint64_t take_kva(struct input *from)
{
	uint8_t how = (uint8_t)input_take(from, 1);
	uint64_t offset = input_take(from, 2);

	switch (how & 7) {
	case 0:
		return input_take(from, 8);
	case 1:
	case 2:
		return WINDOW_KVA + page_gpa(how >> 3) + offset % (2 * PAGE_BYTES);
	case 3:
		return UINT64_MAX - offset;
	default:
		/* Indices of 0 to 3 at each level, which few entries make a way for. */
		return 0xff00000000000000ULL * (how >> 7) +
		       ((uint64_t)(how >> 3 & 3) << 48 | (uint64_t)(how >> 5 & 3) << 39) +
		       ((offset & 3) << 30 | (offset >> 2 & 3) << 21 | (offset >> 4 & 3) << 12) + (offset >> 6) * 8;
	}
}

static uint64_t take_word(struct input *from)
{
	uint8_t how = (uint8_t)input_take(from, 1);

	if (how & 1)
		return page_gpa(how >> 3) | input_take(from, 1) | (how & 2 ? 0x8000000000000000ULL : 0) | 1;
	return how & 2 ? take_kva(from) : input_take(from, 8);
}

/* Makes a way to a page through tables in pages that may be any; a way made before may lose a part to it. */
static void map(struct input *from, const struct monitor_config *config)
{
	uint64_t kva = take_kva(from);
	uint32_t table = (uint32_t)(config->root_gpa / PAGE_BYTES);

	for (uint32_t level = config->levels; level > 0; level--) {
		uint8_t next = (uint8_t)input_take(from, 1);
		bool is_large = level > 1 && next >> 5 == 7;
		uint64_t entry = page_gpa(next & 31) | 1 | (is_large ? 0x80 : 0);

		if (is_large)
			entry &= ~((1ULL << (12 + 9 * (level - 1))) - 1) | 0xfff;
		memcpy(page_at(table) + (kva >> (12 + 9 * (level - 1)) & 511) * sizeof(entry), &entry, sizeof(entry));
		table = next & 31;
	}
}

static void fill(struct input *from, const struct monitor_config *config)
{
	uint32_t words = (uint32_t)input_take(from, 1) % 64;

	for (int i = 0; i < 3; i++)
		memset(pages[i], 0, page_counts[i] * PAGE_BYTES);
	for (uint32_t ways = (uint32_t)input_take(from, 1) % 8; ways > 0; ways--)
		map(from, config);
	for (uint32_t i = 0; i < words; i++) {
		uint32_t place = (uint32_t)input_take(from, 2);
		uint32_t slot = place & 0x2000 ? place >> 5 : place >> 5 & 3;
		uint64_t word = take_word(from);

		memcpy(page_at(place & 31) + slot % 512 * sizeof(word), &word, sizeof(word));
	}
}

static struct monitor *make(const struct monitor_config *config)
{
	struct monitor_range ranges[3];
	struct monitor_window window = { WINDOW_KVA, 1ULL << 40, 0 };
	struct monitor *monitor;
	struct monitor_error error;

	for (int i = 0; i < 3; i++)
		ranges[i] = (struct monitor_range){
			gpas[i], page_counts[i] * PAGE_BYTES, 0, (uintptr_t)pages[i], MONITOR_NO_FD, 0
		};
	HOLDS(monitor_create(config, ranges, &window, &monitor, &error) == 0);
	return monitor;
}

/* Reads as monitor_read does, byte by byte, with a walk for each. */
static int read_slowly(struct monitor *monitor, uint64_t kva, uint8_t *out, uint64_t length)
{
	for (uint64_t i = 0; i < length; i++) {
		uint64_t gpa;

		if (monitor_translate(monitor, kva + i, &gpa) != 0 ||
		    monitor_read_physical(monitor, gpa, &out[i], 1) != 0)
			return -1;
	}
	return 0;
}

static void check_read(struct monitor *monitor, struct input *from)
{
	static uint8_t slow[MAX_READ];
	uint64_t kva = take_kva(from);
	uint64_t length = input_take(from, 2) % MAX_READ;
	uint8_t *fast = malloc(length + 1);
	int err;

	HOLDS(fast);
	err = monitor_read(monitor, kva, fast, length);
	HOLDS((err == 0) == (read_slowly(monitor, kva, slow, length) == 0));
	HOLDS(err != 0 || memcmp(fast, slow, length) == 0);
	free(fast);
}

static bool follow_slowly(struct monitor *monitor, const struct monitor_expression *expression, uint8_t *out)
{
	uint64_t address = expression->base;

	for (uint32_t i = 0; i < expression->step_count; i++) {
		uint8_t word[sizeof(address)];

		if (read_slowly(monitor, address + (uint64_t)expression->steps[i], word, sizeof(word)) != 0)
			return false;
		memcpy(&address, word, sizeof(address));
		if (address == 0)
			return false;
	}
	return read_slowly(monitor, address + (uint64_t)expression->offset, out, expression->length) == 0;
}

/* A plan that may be sound. Values lie apart, so that each can be looked at afterwards. */
static size_t take_plan(struct input *from, uint8_t *out)
{
	struct monitor_plan header = { .thread_every = 1, .payload_bytes = PAYLOAD_BYTES };
	struct monitor_expression expressions[MAX_EXPRESSIONS] = { 0 };
	struct monitor_group groups[MAX_EXPRESSIONS];
	size_t at = sizeof(header);

	header.expression_count = (uint32_t)input_take(from, 1) % (MAX_EXPRESSIONS + 1);
	for (uint32_t i = 0; i < header.expression_count; i++) {
		struct monitor_expression *expression = &expressions[i];
		uint8_t how = (uint8_t)input_take(from, 1);

		expression->base = take_kva(from);
		expression->step_count = how & 7;
		for (uint32_t step = 0; step < (how & 7) && step < MONITOR_MAX_STEPS; step++)
			expression->steps[step] = (int16_t)input_take(from, 2);
		expression->offset = (int16_t)input_take(from, 2);
		expression->length = how & 0x80 ? 8 : (uint32_t)input_take(from, 2) % 1040;
		expression->out = how & 0x40 ? (uint32_t)input_take(from, 2) % (PAYLOAD_BYTES + 1)
					     : i * (PAYLOAD_BYTES / MAX_EXPRESSIONS);
		expression->every = how & 0x20 ? (uint32_t)input_take(from, 1) % 16 : 1;
	}
	header.group_count = (uint32_t)input_take(from, 1) % (header.expression_count + 1);
	for (uint32_t i = 0; i < header.group_count; i++)
		groups[i] = (struct monitor_group){ (uint32_t)input_take(from, 1) % MAX_EXPRESSIONS,
						    (uint32_t)input_take(from, 1) % 8 };
	memcpy(out, &header, sizeof(header));
	memcpy(out + at, expressions, header.expression_count * sizeof(expressions[0]));
	at += header.expression_count * sizeof(expressions[0]);
	memcpy(out + at, groups, header.group_count * sizeof(groups[0]));
	return at + header.group_count * sizeof(groups[0]);
}

static bool overlaps(const struct plan *plan, uint32_t index)
{
	const struct monitor_expression *one = &plan->expressions[index];

	for (uint32_t i = 0; i < plan->header.expression_count; i++) {
		const struct monitor_expression *other = &plan->expressions[i];

		if (i != index && one->out < other->out + other->length && other->out < one->out + one->length)
			return true;
	}
	return false;
}

static void judge_record(struct monitor *monitor, const struct plan *plan, const uint8_t *record)
{
	static uint8_t expected[MONITOR_MAX_LENGTH];
	const struct monitor_record *header = (const struct monitor_record *)record;

	/* Nobody writes to memory meanwhile. */
	HOLDS(header->retries == 0 && header->rejects == 0);
	for (uint32_t i = 0; i < plan->header.expression_count; i++) {
		const struct monitor_expression *expression = &plan->expressions[i];
		bool is_valid = record[plan->valid_at + i / 8] >> i % 8 & 1;

		HOLDS(is_valid == follow_slowly(monitor, expression, expected));
		if (!is_valid)
			memset(expected, 0, expression->length);
		HOLDS(overlaps(plan, i) ||
		      memcmp(record + plan->payload_at + expression->out, expected, expression->length) == 0);
	}
	for (uint32_t i = 0; i < plan->header.group_count; i++) {
		uint32_t guard = plan->groups[i].first;

		HOLDS((record[plan->consistent_at + i / 8] >> i % 8 & 1) ==
		      (record[plan->valid_at + guard / 8] >> guard % 8 & 1));
	}
}

static void check_plan(struct monitor *monitor, const uint8_t *bytes, size_t length)
{
	struct monitor_error error;
	struct plan plan;
	uint8_t *record;

	if (plan_init(&plan, bytes, length, &error) != 0) {
		HOLDS(error.code > 0);
		return;
	}
	record = calloc(1, plan.record_bytes);
	HOLDS(record);
	if (monitor_execute(monitor, bytes, length, record, plan.record_bytes, &error) == 0)
		judge_record(monitor, &plan, record);
	free(record);
	plan_deinit(&plan);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
	struct input from = { bytes, bytes + length };
	uint8_t plan[sizeof(struct monitor_plan) +
		     MAX_EXPRESSIONS * (sizeof(struct monitor_expression) + sizeof(struct monitor_group))];
	uint8_t how = (uint8_t)input_take(&from, 1);
	/* The root is in the first range, at its own address. */
	const struct monitor_config config = { (how >> 2) % LOW_PAGES * PAGE_BYTES, how & 1 ? 5 : 4, 0, 3,
					       how >> 1 & 1 };
	struct monitor *monitor;

	allocate();
	fill(&from, &config);
	monitor = make(&config);
	for (uint32_t reads = (uint32_t)input_take(&from, 1) % 8; reads > 0; reads--)
		check_read(monitor, &from);
	if (input_take(&from, 1) & 1)
		check_plan(monitor, from.next, (size_t)(from.end - from.next));
	else
		check_plan(monitor, plan, take_plan(&from, plan));
	monitor_destroy(monitor);
	return 0;
}
