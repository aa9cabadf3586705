#include "stream.h"
#include "../clock.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

int stream_connect(struct stream *stream, uint16_t port, uint64_t deadline_ns)
{
	struct sockaddr_in address = {
		.sin_family = AF_INET,
		.sin_port = htons(port),
		.sin_addr = { htonl(INADDR_LOOPBACK) },
	};

	stream->deadline_ns = deadline_ns;
	stream->begin = stream->end = 0;
	stream->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (stream->fd < 0)
		return -errno;
	if (connect(stream->fd, (struct sockaddr *)&address, sizeof(address)) != 0) {
		int err = -errno;

		close(stream->fd);
		return err;
	}
	return 0;
}

void stream_close(struct stream *stream)
{
	close(stream->fd);
}

static int wait_for(struct stream *stream, short events)
{
	struct pollfd socket = { .fd = stream->fd, .events = events };

	for (;;) {
		int ready = poll(&socket, 1, ms_until(stream->deadline_ns));

		if (ready > 0)
			return 0;
		if (ready == 0)
			return -ETIMEDOUT;
		if (errno != EINTR)
			return -errno;
	}
}

int stream_send(struct stream *stream, const void *bytes, size_t length)
{
	const char *next = bytes;

	while (length > 0) {
		int err = wait_for(stream, POLLOUT);
		ssize_t sent;

		if (err)
			return err;
		sent = send(stream->fd, next, length, MSG_NOSIGNAL);
		if (sent < 0)
			return -errno;
		next += sent;
		length -= (size_t)sent;
	}
	return 0;
}

int stream_fill(struct stream *stream)
{
	ssize_t got;
	int err;

	if (stream->begin > 0) {
		memmove(stream->buffer, stream->buffer + stream->begin, stream->end - stream->begin);
		stream->end -= stream->begin;
		stream->begin = 0;
	}
	if (stream->end == sizeof(stream->buffer))
		return -EMSGSIZE;
	err = wait_for(stream, POLLIN);
	if (err)
		return err;
	got = recv(stream->fd, stream->buffer + stream->end, sizeof(stream->buffer) - stream->end, 0);
	if (got < 0)
		return -errno;
	if (got == 0)
		return -ECONNRESET;
	stream->end += (size_t)got;
	return 0;
}

int stream_take(struct stream *stream, void *into, size_t length)
{
	char *next = into;

	while (length > 0) {
		size_t part = stream->end - stream->begin;

		if (part == 0) {
			int err = stream_fill(stream);

			if (err)
				return err;
			continue;
		}
		if (part > length)
			part = length;
		if (next != NULL) {
			memcpy(next, stream->buffer + stream->begin, part);
			next += part;
		}
		stream->begin += part;
		length -= part;
	}
	return 0;
}
