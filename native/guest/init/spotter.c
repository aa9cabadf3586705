#include "spotter.h"
#include "../clock.h"
#include "../io.h"
#include "fault_line.h"
#include "inspector.h"
#include "paused_event.h"
#include "websocket.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define NOT_ARMED 0

struct command_line {
	char text[64];
	size_t length;
};

static void obey(const char *command, uint64_t *deadline_ns)
{
	if (strncmp(command, "arm ", 4) == 0)
		*deadline_ns = now_ns() + strtoull(command + 4, NULL, 10) * NS_PER_MS;
	else if (strcmp(command, "disarm") == 0)
		*deadline_ns = NOT_ARMED;
}

/* Returns false at the end of the pipe. */
static bool read_commands(int fd, struct command_line *line, uint64_t *deadline_ns)
{
	char *end;
	ssize_t got = read(fd, line->text + line->length, sizeof(line->text) - 1 - line->length);

	if (got <= 0)
		return got < 0 && errno == EINTR;
	line->length += (size_t)got;
	line->text[line->length] = '\0';
	while ((end = strchr(line->text, '\n')) != NULL) {
		size_t used = (size_t)(end - line->text) + 1;

		*end = '\0';
		obey(line->text, deadline_ns);
		line->length -= used;
		memmove(line->text, end + 1, line->length + 1);
	}
	/* No command is this long: what follows would never be read. */
	if (line->length == sizeof(line->text) - 1)
		line->length = 0;
	return true;
}

/* Returns true when the armed time has passed, false at the end of the pipe. */
static bool wait_for_overrun(int commands)
{
	struct command_line line = { .length = 0 };
	uint64_t deadline_ns = NOT_ARMED;

	for (;;) {
		struct pollfd readable = { .fd = commands, .events = POLLIN };
		int timeout = deadline_ns == NOT_ARMED ? -1 : ms_until(deadline_ns);
		int ready = poll(&readable, 1, timeout);

		if (ready == 0)
			return true;
		if (ready > 0 && !read_commands(commands, &line, &deadline_ns))
			return false;
	}
}

/* Fills `frames` with the JSON list. Returns 0, or -errno with *step naming what did not work. */
static int locate(const struct spotter *spotter, char *frames, size_t size, const char **step)
{
	/* Large, and used once in the life of a process. */
	static struct stream stream;
	static struct message message;
	static struct scripts scripts;
	int err;

	*step = "spotter:signal";
	if (kill(spotter->pid, SIGUSR1) != 0)
		return -errno;
	*step = "spotter:connect";
	err = inspector_connect(&stream, spotter->pid, spotter->port, now_ns() + spotter->patience_ns);
	if (err)
		return err;
	*step = "spotter:pause";
	err = websocket_send(&stream, "{\"id\":1,\"method\":\"Debugger.enable\"}");
	if (!err)
		err = websocket_send(&stream, "{\"id\":2,\"method\":\"Debugger.pause\"}");
	while (!err) {
		err = websocket_receive(&stream, &message);
		if (err || paused_event_frames(&message, &scripts, frames, size))
			break;
		scripts_note(&scripts, &message);
	}
	stream_close(&stream);
	return err;
}

static void report(const struct spotter *spotter)
{
	static char frames[PAUSED_FRAMES_BYTES];
	char line[256];
	const char *step;
	int err = locate(spotter, frames, sizeof(frames), &step);

	if (err) {
		write_all(spotter->out, line, fault_line(line, sizeof(line), step, err));
		strcpy(frames, "[]");
	}
	write_all(spotter->out, "spin ", 5);
	write_all(spotter->out, frames, strlen(frames));
	write_all(spotter->out, "\n", 1);
}

bool spotter_watch(const struct spotter *spotter)
{
	if (!wait_for_overrun(spotter->commands))
		return false;
	report(spotter);
	return true;
}
