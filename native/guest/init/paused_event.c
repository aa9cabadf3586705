#include "paused_event.h"
#include "inspector_event.h"

#include <stdio.h>

#define TOP_FRAMES 10

/* A longer name is left empty: cutting it could cut an escape. */
#define MAX_NAME 512

struct call_frame {
	struct json_slice function_name;
	struct json_slice script;
	unsigned long line;
	unsigned long column;
};

static bool read_location(struct json_scan *scan, struct call_frame *frame)
{
	struct json_slice key;

	while (json_member(scan, &key)) {
		bool ok;

		if (json_equals(&key, "scriptId"))
			ok = json_string(scan, &frame->script);
		else if (json_equals(&key, "lineNumber"))
			ok = json_number(scan, &frame->line);
		else if (json_equals(&key, "columnNumber"))
			ok = json_number(scan, &frame->column);
		else
			ok = json_skip(scan);
		if (!ok)
			return false;
	}
	return json_take(scan, '}');
}

static bool read_frame(struct json_scan *scan, struct call_frame *frame)
{
	struct json_slice key;

	*frame = (struct call_frame){ .function_name.start = "", .script.start = "" };
	while (json_member(scan, &key)) {
		bool ok;

		if (json_equals(&key, "functionName"))
			ok = json_string(scan, &frame->function_name);
		else if (json_equals(&key, "location"))
			ok = read_location(scan, frame);
		else
			ok = json_skip(scan);
		if (!ok)
			return false;
	}
	return json_take(scan, '}');
}

/* Returns the length written. */
static size_t write_frame(const struct call_frame *frame, const struct scripts *scripts, char *out, size_t size)
{
	const struct json_slice *name = &frame->function_name;
	struct json_slice url = scripts_url(scripts, &frame->script);

	return (size_t)snprintf(out, size, "{\"f\":\"%.*s\",\"u\":\"%.*s\",\"l\":%lu,\"c\":%lu}",
				name->length <= MAX_NAME ? (int)name->length : 0, name->start, (int)url.length,
				url.start, frame->line, frame->column);
}

/* The cursor stands at the opening bracket. */
static void write_frames(struct json_scan *scan, const struct scripts *scripts, char *frames, size_t size)
{
	struct call_frame frame;
	size_t used = 0;

	json_take(scan, '[');
	frames[used++] = '[';
	for (int i = 0; i < TOP_FRAMES && read_frame(scan, &frame); i++) {
		if (i > 0)
			frames[used++] = ',';
		used += write_frame(&frame, scripts, frames + used, size - used);
		json_take(scan, ',');
	}
	frames[used++] = ']';
	frames[used] = '\0';
}

bool paused_event_frames(const struct message *message, const struct scripts *scripts, char *frames, size_t size)
{
	struct json_scan scan;

	if (!event_params(message, "Debugger.paused", &scan))
		return false;
	if (json_find(&scan, "callFrames"))
		write_frames(&scan, scripts, frames, size);
	else
		snprintf(frames, size, "[]");
	return true;
}
