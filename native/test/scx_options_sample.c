/* Prints what scx_ktstr makes of a command line, as one JSON object; delays that were not given are null. */
#include <inttypes.h>
#include <stdio.h>

#include "../bpf/limits.h"
#include "../bpf/options.h"

static void print_number(const char *name, uint64_t value, uint64_t absent)
{
	if (value == absent)
		printf("\"%s\":null,", name);
	else
		printf("\"%s\":%" PRIu64 ",", name, value);
}

int main(int argc, char *argv[])
{
	struct options options = read_options(argv);

	(void)argc;
	putchar('{');
	print_number("stallAfterNs", options.stall_after_ns, NEVER_NS);
	print_number("crashAfterNs", options.crash_after_ns, NEVER_NS);
	print_number("exitAfterNs", options.exit_after_ns, NEVER_NS);
	print_number("killAfterNs", options.kill_after_ns, NEVER_NS);
	print_number("degradeAfterNs", options.degrade_after_ns, NEVER_NS);
	print_number("exitCode", options.exit_code, NO_EXIT_CODE);
	printf("\"timeoutMs\":%" PRIu64 ",\"slowUs\":%" PRIu64 ",", options.timeout_ms, options.slow_us);
	printf("\"flags\":[%d,%d,%d,%d,%d,%d]}\n", options.scatter, options.fail_verify, options.verify_loop,
	       options.no_attach, options.ignore_sigterm, options.partial);
	return 0;
}
