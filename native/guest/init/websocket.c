#include "websocket.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#define FIN 0x80
#define OPCODE 0x0f
#define OPCODE_TEXT 0x1
#define OPCODE_CLOSE 0x8
#define FIRST_CONTROL_OPCODE 0x8
#define MASKED 0x80
#define LENGTH 0x7f
#define LENGTH_16 126
#define LENGTH_64 127

struct frame {
	bool final;
	unsigned int opcode;
	uint64_t length;
};

/* Fills the buffer up to the blank line that ends the header. */
static int read_header(struct stream *stream, size_t *length)
{
	for (;;) {
		size_t have = stream->end - stream->begin;
		char *end = memmem(stream->buffer + stream->begin, have, "\r\n\r\n", 4);
		int err;

		if (end != NULL) {
			*length = (size_t)(end + 4 - (stream->buffer + stream->begin));
			return 0;
		}
		err = stream_fill(stream);
		if (err)
			return err;
	}
}

int websocket_upgrade(struct stream *stream, uint16_t port, const char *path)
{
	static const char accepted[] = "HTTP/1.1 101 ";
	char request[512];
	size_t header;
	int length, err;

	length = snprintf(request, sizeof(request),
			  "GET %s HTTP/1.1\r\nHost: 127.0.0.1:%u\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
			  "Sec-WebSocket-Key: a3RzdHIgc3BvdHRlciBrZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n",
			  path, port);
	if (length >= (int)sizeof(request))
		return -EMSGSIZE;
	err = stream_send(stream, request, (size_t)length);
	if (!err)
		err = read_header(stream, &header);
	if (err)
		return err;
	if (header < sizeof(accepted) || memcmp(stream->buffer + stream->begin, accepted, sizeof(accepted) - 1) != 0)
		return -EPROTO;
	stream->begin += header;
	return 0;
}

int websocket_send(struct stream *stream, const char *text)
{
	/* Clients must mask; a mask of zeros leaves the text as it is. */
	unsigned char frame[6 + LENGTH_16] = { FIN | OPCODE_TEXT, MASKED, 0, 0, 0, 0 };
	size_t length = strlen(text);

	if (length >= LENGTH_16)
		return -EMSGSIZE;
	frame[1] |= (unsigned char)length;
	memcpy(frame + 6, text, length);
	return stream_send(stream, frame, 6 + length);
}

static int read_length(struct stream *stream, size_t bytes, uint64_t *length)
{
	unsigned char raw[8];
	int err = stream_take(stream, raw, bytes);

	*length = 0;
	for (size_t i = 0; !err && i < bytes; i++)
		*length = *length << 8 | raw[i];
	return err;
}

static int read_frame(struct stream *stream, struct frame *frame)
{
	unsigned char head[2];
	int err = stream_take(stream, head, sizeof(head));

	if (err)
		return err;
	frame->final = (head[0] & FIN) != 0;
	frame->opcode = head[0] & OPCODE;
	frame->length = head[1] & LENGTH;
	/* Servers must not mask. */
	if (head[1] & MASKED)
		return -EPROTO;
	if (frame->length == LENGTH_16)
		return read_length(stream, 2, &frame->length);
	if (frame->length == LENGTH_64)
		return read_length(stream, 8, &frame->length);
	return 0;
}

static int append(struct stream *stream, struct message *message, uint64_t length)
{
	size_t room = sizeof(message->text) - message->length;
	size_t kept = length < room ? (size_t)length : room;
	int err = stream_take(stream, message->text + message->length, kept);

	if (err)
		return err;
	message->length += kept;
	return stream_take(stream, NULL, (size_t)(length - kept));
}

int websocket_receive(struct stream *stream, struct message *message)
{
	struct frame frame;
	int err;

	message->length = 0;
	for (;;) {
		err = read_frame(stream, &frame);
		if (err)
			return err;
		if (frame.opcode == OPCODE_CLOSE)
			return -ECONNRESET;
		if (frame.opcode >= FIRST_CONTROL_OPCODE) {
			err = stream_take(stream, NULL, (size_t)frame.length);
			if (err)
				return err;
			continue;
		}
		err = append(stream, message, frame.length);
		if (err || frame.final)
			return err;
	}
}
