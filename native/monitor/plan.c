/* Plans come from another language, so they are checked once; what executes them trusts them. */
#include "plan.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define BITS_PER_WORD 64

static int refuse(struct monitor_error *error, const char *what, uint32_t index)
{
	return monitor_fail(error, EINVAL, "plan", "plan_init", "%s %u is not possible", what, index);
}

static int check_header(const struct monitor_plan *header, uint64_t length, struct monitor_error *error)
{
	uint64_t needed = sizeof(*header) + header->expression_count * (uint64_t)sizeof(struct monitor_expression) +
			  header->group_count * (uint64_t)sizeof(struct monitor_group) +
			  header->thread_count * (uint64_t)sizeof(struct monitor_thread);

	if (header->expression_count > MONITOR_MAX_EXPRESSIONS || header->group_count > header->expression_count ||
	    header->thread_count > MONITOR_MAX_THREADS || header->thread_every == 0 ||
	    header->payload_bytes > MONITOR_MAX_PAYLOAD)
		return monitor_fail(error, EINVAL, "plan", "plan_init",
				    "%u expressions, %u groups, %u threads every %u, %u bytes",
				    header->expression_count, header->group_count, header->thread_count,
				    header->thread_every, header->payload_bytes);
	if (length != needed)
		return monitor_fail(error, EMSGSIZE, "plan", "plan_init", "%llu bytes, needed are %llu",
				    (unsigned long long)length, (unsigned long long)needed);
	return 0;
}

static int check_expressions(const struct plan *plan, struct monitor_error *error)
{
	for (uint32_t i = 0; i < plan->header.expression_count; i++) {
		const struct monitor_expression *expression = &plan->expressions[i];

		if (expression->step_count > MONITOR_MAX_STEPS || expression->length == 0 ||
		    expression->length > MONITOR_MAX_LENGTH || expression->every == 0 ||
		    (uint64_t)expression->out + expression->length > plan->header.payload_bytes)
			return refuse(error, "expression", i);
	}
	return 0;
}

static int check_groups(const struct plan *plan, struct monitor_error *error)
{
	uint64_t after = 0;

	for (uint32_t i = 0; i < plan->header.group_count; i++) {
		const struct monitor_group *group = &plan->groups[i];
		uint64_t end = (uint64_t)group->first + group->count;

		if (group->count == 0 || group->first < after || end > plan->header.expression_count ||
		    plan->expressions[group->first].length != sizeof(uint64_t))
			return refuse(error, "group", i);
		after = end;
	}
	return 0;
}

static uint32_t words_of(uint32_t bits)
{
	return (bits + BITS_PER_WORD - 1) / BITS_PER_WORD * (uint32_t)sizeof(uint64_t);
}

static void lay_out(struct plan *plan)
{
	plan->valid_at = sizeof(struct monitor_record);
	plan->consistent_at = plan->valid_at + words_of(plan->header.expression_count);
	plan->threads_at = plan->consistent_at + words_of(plan->header.group_count);
	plan->payload_at = plan->threads_at + plan->header.thread_count * (uint32_t)sizeof(struct monitor_reading);
	plan->record_bytes = plan->payload_at + (plan->header.payload_bytes + 7) / 8 * 8;
}

static int copy(struct plan *plan, const uint8_t *bytes, uint64_t length, struct monitor_error *error)
{
	uint8_t *own;

	/* Nothing to copy is no failure, but malloc may give NULL for it. */
	own = malloc(length + 1);
	if (!own)
		return monitor_fail(error, ENOMEM, "plan", "malloc", "%llu bytes", (unsigned long long)length);
	memcpy(own, bytes, length);
	plan->expressions = (struct monitor_expression *)own;
	plan->groups = (struct monitor_group *)(plan->expressions + plan->header.expression_count);
	plan->threads = (struct monitor_thread *)(plan->groups + plan->header.group_count);
	return 0;
}

int plan_init(struct plan *plan, const void *bytes, uint64_t length, struct monitor_error *error)
{
	int err;

	memset(plan, 0, sizeof(*plan));
	if (length < sizeof(plan->header))
		return monitor_fail(error, EMSGSIZE, "plan", "plan_init", "%llu bytes have no header",
				    (unsigned long long)length);
	memcpy(&plan->header, bytes, sizeof(plan->header));
	err = check_header(&plan->header, length, error);
	if (!err)
		err = copy(plan, (const uint8_t *)bytes + sizeof(plan->header), length - sizeof(plan->header), error);
	if (!err)
		err = check_expressions(plan, error);
	if (!err)
		err = check_groups(plan, error);
	if (err)
		plan_deinit(plan);
	else
		lay_out(plan);
	return err;
}

void plan_deinit(struct plan *plan)
{
	free(plan->expressions);
	plan->expressions = NULL;
}
