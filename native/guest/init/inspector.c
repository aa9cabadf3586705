#include "inspector.h"
#include "../clock.h"
#include "thread_boost.h"
#include "websocket.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

/* Chosen: nothing tells from outside that the port is open; this costs little CPU time and adds little delay. */
#define RETRY_NS (10 * NS_PER_MS)

static int connect_until_open(struct stream *stream, pid_t pid, uint16_t port, uint64_t deadline_ns)
{
	static const struct timespec pause = { .tv_nsec = RETRY_NS };
	int err;

	for (;;) {
		boost_threads(pid);
		err = stream_connect(stream, port, deadline_ns);
		if (err != -ECONNREFUSED || now_ns() >= deadline_ns)
			break;
		nanosleep(&pause, NULL);
	}
	if (!err)
		boost_threads(pid);
	return err;
}

/* Finds the path in `"webSocketDebuggerUrl": "ws://host:port/path"`; returns false while it has not arrived. */
static bool find_path(const struct stream *stream, char *path, size_t size)
{
	static const char key[] = "\"webSocketDebuggerUrl\"";
	static const char scheme[] = "ws://";
	const char *at = stream->buffer + stream->begin, *end = stream->buffer + stream->end, *stop;

	at = memmem(at, (size_t)(end - at), key, sizeof(key) - 1);
	if (at != NULL)
		at = memmem(at, (size_t)(end - at), scheme, sizeof(scheme) - 1);
	if (at != NULL)
		at = memchr(at + sizeof(scheme) - 1, '/', (size_t)(end - at) - (sizeof(scheme) - 1));
	if (at == NULL)
		return false;
	stop = memchr(at, '"', (size_t)(end - at));
	if (stop == NULL)
		return false;
	return snprintf(path, size, "%.*s", (int)(stop - at), at) < (int)size;
}

static int ask_for_path(struct stream *stream, uint16_t port, char *path, size_t size)
{
	char request[128];
	int length, err;

	length = snprintf(request, sizeof(request), "GET /json/list HTTP/1.1\r\nHost: 127.0.0.1:%u\r\n\r\n", port);
	err = stream_send(stream, request, (size_t)length);
	while (!err && !find_path(stream, path, size))
		err = stream_fill(stream);
	return err;
}

int inspector_connect(struct stream *stream, pid_t pid, uint16_t port, uint64_t deadline_ns)
{
	char path[256];
	int err;

	err = connect_until_open(stream, pid, port, deadline_ns);
	if (err)
		return err;
	err = ask_for_path(stream, port, path, sizeof(path));
	stream_close(stream);
	if (err)
		return err;

	err = stream_connect(stream, port, deadline_ns);
	if (err)
		return err;
	err = websocket_upgrade(stream, port, path);
	if (err)
		stream_close(stream);
	return err;
}
