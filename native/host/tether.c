/*
 * tether <parent-pid> <command> [argument]...
 *
 * Runs a command that dies with its parent, however the parent ends. Exit codes of its own: 125 when the parent is gone
 * or the call is wrong, 127 when the command cannot be run.
 */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

#define EXIT_NO_PARENT 125
#define EXIT_NO_COMMAND 127

int main(int argc, char **argv)
{
	char *end;
	long parent;

	if (argc < 3) {
		fprintf(stderr, "tether: usage: tether <parent-pid> <command> [argument]...\n");
		return EXIT_NO_PARENT;
	}
	parent = strtol(argv[1], &end, 10);
	if (*end != '\0' || parent <= 0) {
		fprintf(stderr, "tether: parent pid: got '%s', a positive number is needed\n", argv[1]);
		return EXIT_NO_PARENT;
	}
	if (prctl(PR_SET_PDEATHSIG, SIGKILL) != 0) {
		fprintf(stderr, "tether: PR_SET_PDEATHSIG: %s\n", strerror(errno));
		return EXIT_NO_PARENT;
	}
	/* A parent that died before the line above sends no signal any more. */
	if (getppid() != parent)
		return EXIT_NO_PARENT;

	execvp(argv[2], argv + 2);
	fprintf(stderr, "tether: %s: %s\n", argv[2], strerror(errno));
	return EXIT_NO_COMMAND;
}
