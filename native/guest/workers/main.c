#include "collect.h"
#include "commands.h"
#include "kit.h"
#include "reply.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* A command with the longest possible path in it, and room to read ahead. */
struct input {
	char text[8192];
	size_t length;
};

/* Returns false when there is nothing more to obey: `quit`, the end of stdin, a line without an end. */
static bool read_commands(struct kit *kit, struct input *input)
{
	char *line = input->text, *end;
	ssize_t got = read(STDIN_FILENO, input->text + input->length, sizeof(input->text) - input->length);

	if (got <= 0)
		return got < 0 && errno == EINTR;
	input->length += (size_t)got;
	while ((end = memchr(line, '\n', input->length)) != NULL) {
		size_t used = (size_t)(end - line) + 1;

		*end = '\0';
		if (!obey(kit, line))
			return false;
		line += used;
		input->length -= used;
	}
	memmove(input->text, line, input->length);
	return input->length < sizeof(input->text);
}

static void serve(struct kit *kit)
{
	struct input input = { .length = 0 };
	struct pollfd events[] = {
		{ .fd = STDIN_FILENO, .events = POLLIN },
		{ .fd = kit->signals, .events = POLLIN },
	};

	for (;;) {
		if (poll(events, 2, -1) < 0)
			continue;
		if (events[1].revents)
			collect_dead(kit);
		if (events[0].revents && !read_commands(kit, &input))
			return;
	}
}

int main(void)
{
	struct kit kit;
	int err = kit_init(&kit);

	if (err) {
		reply_error("init", err);
		return EXIT_FAILURE;
	}
	serve(&kit);
	return kill_workers(&kit) ? EXIT_SUCCESS : EXIT_FAILURE;
}
