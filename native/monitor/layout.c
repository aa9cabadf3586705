/* The layout of the shared structures as the compiler of this library saw them. */
#include "layout.h"
#include "probe.h"

#define RANGE_FIELD(type, name) LAYOUT_ENTRY(monitor_range, name)
#define WINDOW_FIELD(type, name) LAYOUT_ENTRY(monitor_window, name)
#define CONFIG_FIELD(type, name) LAYOUT_ENTRY(monitor_config, name)
#define PLAN_FIELD(type, name) LAYOUT_ENTRY(monitor_plan, name)
#define EXPRESSION_FIELD(type, name) LAYOUT_ENTRY(monitor_expression, name)
#define EXPRESSION_ARRAY(type, name, count) LAYOUT_ENTRY(monitor_expression, name)
#define GROUP_FIELD(type, name) LAYOUT_ENTRY(monitor_group, name)
#define THREAD_FIELD(type, name) LAYOUT_ENTRY(monitor_thread, name)
#define RECORD_FIELD(type, name) LAYOUT_ENTRY(monitor_record, name)
#define READING_FIELD(type, name) LAYOUT_ENTRY(monitor_reading, name)
#define INFO_FIELD(type, name) LAYOUT_ENTRY(monitor_info, name)
#define ERROR_FIELD(type, name) LAYOUT_ENTRY(monitor_error, name)
#define ERROR_ARRAY(type, name, count) LAYOUT_ENTRY(monitor_error, name)
#define ORDERS_FIELD(type, name) LAYOUT_ENTRY(probe_orders, name)
#define ENTRY_FIELD(type, name) LAYOUT_ENTRY(probe_entry, name)
#define EVENT_FIELD(type, name) LAYOUT_ENTRY(probe_event, name)

static const struct monitor_layout layouts[] = {
	/* clang-format off */
	MONITOR_RANGE(RANGE_FIELD, NO_ARRAY)
	MONITOR_WINDOW(WINDOW_FIELD, NO_ARRAY)
	MONITOR_CONFIG(CONFIG_FIELD, NO_ARRAY)
	MONITOR_PLAN(PLAN_FIELD, NO_ARRAY)
	MONITOR_EXPRESSION(EXPRESSION_FIELD, EXPRESSION_ARRAY)
	MONITOR_GROUP(GROUP_FIELD, NO_ARRAY)
	MONITOR_THREAD(THREAD_FIELD, NO_ARRAY)
	MONITOR_RECORD(RECORD_FIELD, NO_ARRAY)
	MONITOR_READING(READING_FIELD, NO_ARRAY)
	MONITOR_INFO(INFO_FIELD, NO_ARRAY)
	MONITOR_ERROR(ERROR_FIELD, ERROR_ARRAY)
	PROBE_ORDERS(ORDERS_FIELD, NO_ARRAY)
	PROBE_ENTRY(ENTRY_FIELD, NO_ARRAY)
	PROBE_EVENT(EVENT_FIELD, NO_ARRAY)
	/* clang-format on */
};

LAYOUT_FUNCTIONS(monitor, MONITOR_ABI)
