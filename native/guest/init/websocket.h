/* The client's side of RFC 6455, as far as Node's inspector needs it: text messages, no extensions. */
#ifndef KTSTR_WEBSOCKET_H
#define KTSTR_WEBSOCKET_H

#include "stream.h"

/* A message larger than this loses its tail: what is looked for stands at the front. */
#define MESSAGE_BYTES (256 * 1024)

struct message {
	size_t length;
	char text[MESSAGE_BYTES];
};

/* Asks for the upgrade of a fresh connection. Returns 0, or -errno (-EPROTO: refused). */
int websocket_upgrade(struct stream *stream, uint16_t port, const char *path);

/* Sends one text frame of less than 126 bytes. */
int websocket_send(struct stream *stream, const char *text);

/* Reads one whole message, of however many fragments, past control frames. Returns 0, or -errno. */
int websocket_receive(struct stream *stream, struct message *message);

#endif
