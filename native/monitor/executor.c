#include "executor.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#define NS_PER_MS 1000000ULL
#define GROUP_TRIES 4
#define BITS_PER_WORD 64

int executor_init(struct executor *executor, const struct plan *plan, const struct address_space *space,
		  uint32_t tlb_ms, struct monitor_error *error)
{
	memset(executor, 0, sizeof(*executor));
	executor->plan = plan;
	executor->space = space;
	executor->tlb_ns = tlb_ms * NS_PER_MS;
	executor->record = calloc(1, plan->record_bytes);
	executor->scratch = calloc(1, plan->record_bytes);
	if (!executor->record || !executor->scratch) {
		executor_deinit(executor);
		return monitor_fail(error, ENOMEM, "plan", "calloc", "two records of %u bytes", plan->record_bytes);
	}
	if (threads_init(&executor->threads, plan->threads, plan->header.thread_count, error) != 0) {
		executor_deinit(executor);
		return -error->code;
	}
	return 0;
}

void executor_deinit(struct executor *executor)
{
	threads_deinit(&executor->threads);
	free(executor->record);
	free(executor->scratch);
	executor->record = NULL;
	executor->scratch = NULL;
}

static void set_bit(uint8_t *words, uint32_t bit, bool value)
{
	uint64_t *word = (uint64_t *)words + bit / BITS_PER_WORD;
	uint64_t mask = 1ULL << bit % BITS_PER_WORD;

	*word = value ? *word | mask : *word & ~mask;
}

static bool get_bit(const uint8_t *words, uint32_t bit)
{
	return ((const uint64_t *)words)[bit / BITS_PER_WORD] >> bit % BITS_PER_WORD & 1;
}

static bool follow(struct executor *executor, const struct monitor_expression *expression, void *out)
{
	uint64_t address = expression->base;

	for (uint32_t i = 0; i < expression->step_count; i++) {
		if (space_read(executor->space, &executor->tlb, address + (uint64_t)expression->steps[i], &address,
			       sizeof(address)) != 0 ||
		    address == 0)
			return false;
	}
	return space_read(executor->space, &executor->tlb, address + (uint64_t)expression->offset, out,
			  expression->length) == 0;
}

/* Reads one expression into a record. */
static void evaluate(struct executor *executor, uint32_t index, uint8_t *record)
{
	const struct plan *plan = executor->plan;
	const struct monitor_expression *expression = &plan->expressions[index];
	uint8_t *out = record + plan->payload_at + expression->out;
	bool valid = follow(executor, expression, out);

	if (!valid)
		memset(out, 0, expression->length);
	set_bit(record + plan->valid_at, index, valid);
}

/* One attempt at a group, in the scratch record. True when its guard was there and did not move. */
static bool evaluate_group(struct executor *executor, const struct monitor_group *group)
{
	const struct plan *plan = executor->plan;
	const struct monitor_expression *guard = &plan->expressions[group->first];
	uint64_t before, after;

	for (uint32_t i = 0; i < group->count; i++) {
		evaluate(executor, group->first + i, executor->scratch);
		/* The CPU loads in the order of the program; the compiler has to keep to that too. */
		__atomic_signal_fence(__ATOMIC_SEQ_CST);
	}
	memcpy(&before, executor->scratch + plan->payload_at + guard->out, sizeof(before));
	return get_bit(executor->scratch + plan->valid_at, group->first) && follow(executor, guard, &after) &&
	       before == after;
}

static void commit_group(struct executor *executor, const struct monitor_group *group)
{
	const struct plan *plan = executor->plan;

	for (uint32_t i = group->first; i < group->first + group->count; i++) {
		uint32_t at = plan->payload_at + plan->expressions[i].out;

		memcpy(executor->record + at, executor->scratch + at, plan->expressions[i].length);
		set_bit(executor->record + plan->valid_at, i, get_bit(executor->scratch + plan->valid_at, i));
	}
}

static void run_group(struct executor *executor, uint32_t index, struct monitor_record *header)
{
	const struct plan *plan = executor->plan;
	const struct monitor_group *group = &plan->groups[index];
	bool consistent = evaluate_group(executor, group);

	/* A guard that is not there cannot come to rest. */
	for (uint32_t tries = 1;
	     !consistent && tries < GROUP_TRIES && get_bit(executor->scratch + plan->valid_at, group->first); tries++) {
		header->retries++;
		consistent = evaluate_group(executor, group);
	}
	if (consistent || !get_bit(executor->scratch + plan->valid_at, group->first))
		commit_group(executor, group);
	else
		header->rejects++;
	set_bit(executor->record + plan->consistent_at, index, consistent);
}

static void run_expressions(struct executor *executor, struct monitor_record *header)
{
	const struct plan *plan = executor->plan;
	uint32_t group = 0;

	for (uint32_t i = 0; i < plan->header.expression_count; i++) {
		bool due = header->sequence % plan->expressions[i].every == 0;

		if (group < plan->header.group_count && plan->groups[group].first == i) {
			if (due)
				run_group(executor, group, header);
			i += plan->groups[group].count - 1;
			group++;
		} else if (due) {
			evaluate(executor, i, executor->record);
		}
	}
}

struct monitor_record *executor_run(struct executor *executor, uint64_t sequence, uint64_t now_ns)
{
	struct monitor_record *header = (struct monitor_record *)executor->record;

	if (now_ns - executor->tlb_flushed_ns >= executor->tlb_ns) {
		tlb_flush(&executor->tlb);
		executor->tlb_flushed_ns = now_ns;
	}
	*header = (struct monitor_record){ .sequence = sequence, .host_ns = now_ns };
	run_expressions(executor, header);
	header->threads_read = executor->threads.count > 0 && sequence % executor->plan->header.thread_every == 0;
	if (header->threads_read)
		threads_read(&executor->threads,
			     (struct monitor_reading *)(executor->record + executor->plan->threads_at));
	return header;
}
