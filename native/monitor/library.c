/* The ABI: a guest's memory, and reads of it that happen once. */
#include "library.h"
#include "executor.h"

#include <errno.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

int monitor_create(const struct monitor_config *config, const struct monitor_range *ranges,
		   const struct monitor_window *windows, struct monitor **out, struct monitor_error *error)
{
	struct monitor *monitor = calloc(1, sizeof(*monitor));
	int err;

	*out = NULL;
	if (!monitor)
		return monitor_fail(error, ENOMEM, "memory", "calloc", "monitor");
	monitor->owners = 1;
	monitor->tlb_ms = config->tlb_ms;
	err = space_init(&monitor->space, &monitor->ram, config, windows, error);
	if (!err)
		err = ram_init(&monitor->ram, ranges, config->range_count, error);
	if (err)
		monitor_release(monitor);
	else
		*out = monitor;
	return err;
}

void monitor_destroy(struct monitor *monitor)
{
	monitor_release(monitor);
}

void monitor_hold(struct monitor *monitor)
{
	atomic_fetch_add(&monitor->owners, 1);
}

void monitor_release(struct monitor *monitor)
{
	if (atomic_fetch_sub(&monitor->owners, 1) > 1)
		return;
	ram_deinit(&monitor->ram);
	free(monitor);
}

int monitor_read(struct monitor *monitor, uint64_t kva, void *out, uint64_t length)
{
	tlb_flush(&monitor->tlb);
	return space_read(&monitor->space, &monitor->tlb, kva, out, length);
}

int monitor_read_physical(struct monitor *monitor, uint64_t gpa, void *out, uint64_t length)
{
	return ram_read(&monitor->ram, gpa, out, length);
}

int monitor_translate(struct monitor *monitor, uint64_t kva, uint64_t *gpa)
{
	return space_translate(&monitor->space, kva, gpa);
}

static int execute(struct monitor *monitor, const struct plan *plan, void *record, struct monitor_error *error)
{
	struct executor *executor = malloc(sizeof(*executor));
	struct timespec now;
	int err;

	if (!executor)
		return monitor_fail(error, ENOMEM, "plan", "malloc", "executor");
	err = executor_init(executor, plan, &monitor->space, 0, error);
	if (!err) {
		clock_gettime(CLOCK_MONOTONIC, &now);
		executor_run(executor, 0, (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec);
		memcpy(record, executor->record, plan->record_bytes);
		executor_deinit(executor);
	}
	free(executor);
	return err;
}

int monitor_execute(struct monitor *monitor, const void *bytes, uint64_t plan_bytes, void *record,
		    uint64_t record_bytes, struct monitor_error *error)
{
	struct plan plan;
	int err = plan_init(&plan, bytes, plan_bytes, error);

	if (err)
		return err;
	if (record_bytes == plan.record_bytes)
		err = execute(monitor, &plan, record, error);
	else
		err = monitor_fail(error, EMSGSIZE, "plan", "monitor_execute", "%llu bytes for a record of %u",
				   (unsigned long long)record_bytes, plan.record_bytes);
	plan_deinit(&plan);
	return err;
}
