#ifndef KTSTR_PAUSED_EVENT_H
#define KTSTR_PAUSED_EVENT_H

#include "scripts.h"
#include "websocket.h"

/* Room for ten frames with names and URLs of the greatest length that is kept. */
#define PAUSED_FRAMES_BYTES 16384

/*
 * Reads a message of the inspector. Returns false when it is not the event Debugger.paused. Otherwise writes the top
 * frames, at most ten, as JSON text [{"f":function,"u":url,"l":line,"c":column}], lines and columns from 0. A text that
 * is cut off gives the frames that are whole.
 */
bool paused_event_frames(const struct message *message, const struct scripts *scripts, char *frames, size_t size);

#endif
