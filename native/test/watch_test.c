/*
 * Puts what debug_registers_fill() gives into the debug registers of a traced child, which then writes each byte of
 * 16 in turn. Prints for each byte the slots that it hit, as a line of digits, "-" for none. Arguments: up to four
 * watchpoints as OFFSET:BYTES, in slots 0 to 3. With "cpu" alone it watches the first byte by registers that are
 * written down here: whether the CPU does what its registers say.
 */
#include "../vmm/debug_registers.h"

#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/user.h>
#include <sys/wait.h>
#include <unistd.h>

#define BYTES 16
#define USAGE_ERROR 2

static volatile unsigned char watched[BYTES] __attribute__((aligned(BYTES)));

static _Noreturn void write_bytes(void)
{
	ptrace(PTRACE_TRACEME, 0, NULL, NULL);
	for (int i = 0; i < BYTES; i++) {
		/* Tells the tracer which byte is next. */
		raise(SIGUSR1);
		watched[i] = 1;
	}
	_exit(0);
}

static void *debug_register(int index)
{
	return (void *)(offsetof(struct user, u_debugreg) + (size_t)index * sizeof(long));
}

/* Slot 0, switched on, for writes of one byte: Intel SDM, volume 3, 18.2.4. */
#define DR7_FIRST_BYTE_WRITTEN 0x10001

/* DR7 comes last: it switches on what the others hold. */
static int set_registers(pid_t child, const struct watch *watches)
{
	uint64_t registers[8] = { (uintptr_t)watched, [7] = DR7_FIRST_BYTE_WRITTEN };

	if (watches != NULL)
		debug_registers_fill(watches, registers);
	for (int i = 0; i < 8; i++)
		if (i != 4 && i != 5 && i != 6 && ptrace(PTRACE_POKEUSER, child, debug_register(i), registers[i]) != 0)
			return -1;
	return 0;
}

static void print_hits(pid_t child, const struct watch *watches)
{
	uint64_t status = (uint64_t)ptrace(PTRACE_PEEKUSER, child, debug_register(6), NULL);
	uint32_t hits = watches != NULL ? debug_registers_hits(watches, status) : status & 1;

	for (int slot = 0; slot < DEBUG_SLOTS; slot++)
		if (hits >> slot & 1)
			printf("%d", slot);
	ptrace(PTRACE_POKEUSER, child, debug_register(6), NULL);
}

static int trace(pid_t child, const struct watch *watches)
{
	int status, written = 0, hit = 1;

	while (waitpid(child, &status, 0) == child && WIFSTOPPED(status)) {
		if (WSTOPSIG(status) == SIGTRAP) {
			print_hits(child, watches);
			hit = 1;
		} else {
			if (written++ == 0 && set_registers(child, watches) != 0)
				return 1;
			printf("%s%s", hit ? "" : "-", written > 1 ? " " : "");
			hit = 0;
		}
		ptrace(PTRACE_CONT, child, NULL, NULL);
	}
	printf("%s\n", hit ? "" : "-");
	return WIFEXITED(status) ? WEXITSTATUS(status) : 1;
}

int main(int argc, char *argv[])
{
	struct watch watches[DEBUG_SLOTS] = { 0 };
	int asks_cpu = argc == 2 && strcmp(argv[1], "cpu") == 0;
	pid_t child;

	if (argc > DEBUG_SLOTS + 1)
		return USAGE_ERROR;
	for (int i = 1; i < argc && !asks_cpu; i++) {
		char *end;

		watches[i - 1].address = (uintptr_t)watched + strtoul(argv[i], &end, 10);
		watches[i - 1].bytes = (uint32_t)strtoul(end + 1, NULL, 10);
	}
	child = fork();
	if (child == 0)
		write_bytes();
	if (child < 0 || trace(child, asks_cpu ? NULL : watches) != 0) {
		perror("watch_test");
		kill(child, SIGKILL);
		return 1;
	}
	return 0;
}
