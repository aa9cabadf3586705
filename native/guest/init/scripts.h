/* The URLs of the scripts that the inspector has named: a call frame names its script by number only. */
#ifndef KTSTR_SCRIPTS_H
#define KTSTR_SCRIPTS_H

#include "json_scan.h"
#include "websocket.h"

/* Chosen: Node itself has some 200 scripts of some 40 bytes; what comes after these limits has no URL. */
#define MAX_SCRIPTS 4096
#define SCRIPT_BYTES (256 * 1024)

/* A longer URL (a data: URL, say) is left empty. */
#define MAX_URL 512

struct script {
	struct json_slice id;
	struct json_slice url;
};

struct scripts {
	size_t count;
	struct script list[MAX_SCRIPTS];
	size_t used;
	char bytes[SCRIPT_BYTES];
};

/* Notes the script of an event Debugger.scriptParsed; any other message is nothing to it. */
void scripts_note(struct scripts *scripts, const struct message *message);

/* The URL of a script, empty when there is none. */
struct json_slice scripts_url(const struct scripts *scripts, const struct json_slice *id);

#endif
