#include "orders.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static int check(const struct probe_orders *header, uint64_t length, struct monitor_error *error)
{
	uint64_t needed = sizeof(*header) + header->range_count * (uint64_t)sizeof(struct monitor_range) +
			  header->window_count * (uint64_t)sizeof(struct monitor_window) + header->plan_bytes;

	if (header->range_count == 0 || header->range_count > MONITOR_MAX_RANGES ||
	    header->window_count > MONITOR_MAX_WINDOWS)
		return monitor_fail(error, EINVAL, "orders", "orders_init", "%u ranges, %u windows",
				    header->range_count, header->window_count);
	if (length != needed)
		return monitor_fail(error, EMSGSIZE, "orders", "orders_init", "%llu bytes, needed are %llu",
				    (unsigned long long)length, (unsigned long long)needed);
	return 0;
}

int orders_init(struct orders *orders, const uint8_t *bytes, uint64_t length, struct monitor_error *error)
{
	uint64_t range_bytes, window_bytes;
	int err;

	memset(orders, 0, sizeof(*orders));
	if (length < sizeof(orders->header))
		return monitor_fail(error, EMSGSIZE, "orders", "orders_init", "%llu bytes have no header",
				    (unsigned long long)length);
	memcpy(&orders->header, bytes, sizeof(orders->header));
	err = check(&orders->header, length, error);
	if (err)
		return err;
	range_bytes = orders->header.range_count * sizeof(*orders->ranges);
	window_bytes = orders->header.window_count * sizeof(orders->windows[0]);
	orders->ranges = malloc(range_bytes);
	if (!orders->ranges)
		return monitor_fail(error, ENOMEM, "orders", "malloc", "%u ranges", orders->header.range_count);
	bytes += sizeof(orders->header);
	memcpy(orders->ranges, bytes, range_bytes);
	memcpy(orders->windows, bytes + range_bytes, window_bytes);
	err = plan_init(&orders->plan, bytes + range_bytes + window_bytes, orders->header.plan_bytes, error);
	if (err)
		orders_deinit(orders);
	return err;
}

int orders_map(struct orders *orders, struct monitor_error *error)
{
	const struct monitor_config config = {
		.root_gpa = orders->header.root_gpa,
		.levels = orders->header.levels,
		.window_count = orders->header.window_count,
	};
	int err;

	if (orders->is_mapped)
		return 0;
	err = space_init(&orders->space, &orders->ram, &config, orders->windows, error);
	if (!err)
		err = ram_init(&orders->ram, orders->ranges, orders->header.range_count, error);
	if (!err)
		err = executor_init(&orders->executor, &orders->plan, &orders->space, 0, error);
	orders->is_mapped = !err;
	return err;
}

void orders_deinit(struct orders *orders)
{
	if (orders->is_mapped)
		executor_deinit(&orders->executor);
	orders->is_mapped = false;
	ram_deinit(&orders->ram);
	plan_deinit(&orders->plan);
	free(orders->ranges);
	orders->ranges = NULL;
}
