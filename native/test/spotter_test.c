/*
 * spotter_test <pid> <port> <patience ms>: the spotter for any process on the host, with commands on stdin and its
 * lines on stdout. Exits with 0 after a `spin` line, with 1 when stdin ended before.
 */
#include "clock.h"
#include "init/spotter.h"

#include <stdlib.h>
#include <unistd.h>

int main(int argc, char **argv)
{
	struct spotter spotter = { .commands = STDIN_FILENO, .out = STDOUT_FILENO };

	if (argc != 4)
		return 2;
	spotter.pid = (pid_t)strtol(argv[1], NULL, 10);
	spotter.port = (uint16_t)strtol(argv[2], NULL, 10);
	spotter.patience_ns = strtoull(argv[3], NULL, 10) * NS_PER_MS;
	return spotter_watch(&spotter) ? EXIT_SUCCESS : EXIT_FAILURE;
}
