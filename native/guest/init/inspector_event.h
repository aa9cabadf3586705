#ifndef KTSTR_INSPECTOR_EVENT_H
#define KTSTR_INSPECTOR_EVENT_H

#include "json_scan.h"
#include "websocket.h"

/*
 * Returns whether a message of the inspector, {"method":"...","params":{...}}, is the event of this name, and then has
 * the cursor stand at its parameters.
 */
bool event_params(const struct message *message, const char *method, struct json_scan *params);

#endif
