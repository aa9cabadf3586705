/* A TCP connection to this machine, read through a buffer. Every wait ends at the deadline with -ETIMEDOUT. */
#ifndef KTSTR_STREAM_H
#define KTSTR_STREAM_H

#include <stddef.h>
#include <stdint.h>

struct stream {
	int fd;
	uint64_t deadline_ns;
	size_t begin, end; /* what is read, but not taken yet */
	char buffer[16384];
};

/* Connects to 127.0.0.1. Returns 0, or -errno. */
int stream_connect(struct stream *stream, uint16_t port, uint64_t deadline_ns);
void stream_close(struct stream *stream);

int stream_send(struct stream *stream, const void *bytes, size_t length);

/* Reads what there is behind what was read before. -ECONNRESET at the end, -EMSGSIZE when the buffer is full. */
int stream_fill(struct stream *stream);

/* Takes exactly `length` bytes; a NULL `into` drops them. */
int stream_take(struct stream *stream, void *into, size_t length);

#endif
