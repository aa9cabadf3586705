#include "inspector_event.h"

bool event_params(const struct message *message, const char *method, struct json_scan *params)
{
	const struct json_scan whole = { .at = message->text, .end = message->text + message->length };
	struct json_scan scan = whole;
	struct json_slice name;

	if (!json_find(&scan, "method") || !json_string(&scan, &name) || !json_equals(&name, method))
		return false;
	*params = whole;
	return json_find(params, "params");
}
