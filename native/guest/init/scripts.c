#include "scripts.h"
#include "inspector_event.h"

#include <string.h>

static struct json_slice keep(struct scripts *scripts, const struct json_slice *slice)
{
	struct json_slice kept = { .start = scripts->bytes + scripts->used, .length = slice->length };

	memcpy(scripts->bytes + scripts->used, slice->start, slice->length);
	scripts->used += slice->length;
	return kept;
}

void scripts_note(struct scripts *scripts, const struct message *message)
{
	struct json_scan id_scan, url_scan;
	struct json_slice id, url;

	if (!event_params(message, "Debugger.scriptParsed", &id_scan))
		return;
	url_scan = id_scan;
	if (!json_find(&id_scan, "scriptId") || !json_string(&id_scan, &id) || !json_find(&url_scan, "url") ||
	    !json_string(&url_scan, &url))
		return;
	if (url.length > MAX_URL || scripts->count == MAX_SCRIPTS ||
	    id.length + url.length > sizeof(scripts->bytes) - scripts->used)
		return;
	scripts->list[scripts->count].id = keep(scripts, &id);
	scripts->list[scripts->count].url = keep(scripts, &url);
	scripts->count++;
}

struct json_slice scripts_url(const struct scripts *scripts, const struct json_slice *id)
{
	for (size_t i = 0; i < scripts->count; i++) {
		const struct script *script = &scripts->list[i];

		if (script->id.length == id->length && memcmp(script->id.start, id->start, id->length) == 0)
			return script->url;
	}
	return (struct json_slice){ .start = "", .length = 0 };
}
