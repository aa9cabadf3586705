/* SPDX-License-Identifier: (MIT OR GPL-2.0) */
#include "options.h"

#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "limits.h"

#define NS_PER_S 1000000000ULL
#define USAGE_ERROR 2

enum kind { FLAG, SECONDS, NUMBER };

struct option_spec {
	const char *name;
	enum kind kind;
	size_t offset;
	/* Bounds of a number or of whole seconds, inclusive. */
	uint64_t min, max;
	const char *help;
};

#define A_DAY 86400
#define AT(field) offsetof(struct options, field)

/* getopt_long() would take abbreviations, and a test that says --stall would then depend on which options there are. */
static const struct option_spec specs[] = {
	{ "stall-after", SECONDS, AT(stall_after_ns), 0, A_DAY, "stop running user tasks, until the watchdog acts" },
	{ "crash-after", SECONDS, AT(crash_after_ns), 0, A_DAY, "leave with scx_bpf_error()" },
	{ "exit-after", SECONDS, AT(exit_after_ns), 0, A_DAY, "detach and exit with 0" },
	{ "kill-after", SECONDS, AT(kill_after_ns), 0, A_DAY, "die of SIGKILL" },
	{ "degrade-after", SECONDS, AT(degrade_after_ns), 0, A_DAY, "charge odd pids eightfold, use long slices" },
	{ "slow", NUMBER, AT(slow_us), 0, 5000, "burn so many microseconds in each dispatch" },
	{ "scatter", FLAG, AT(scatter), 0, 0, "give each wakeup and requeue the next CPU in turn" },
	{ "exit-code", NUMBER, AT(exit_code), 0, 255, "exit with this before attaching" },
	{ "no-attach", FLAG, AT(no_attach), 0, 0, "load, never attach, keep running" },
	{ "fail-verify", FLAG, AT(fail_verify), 0, 0, "load a program that the verifier rejects" },
	{ "verify-loop", FLAG, AT(verify_loop), 0, 0, "the same, after a loop that fills its log" },
	{ "ignore-sigterm", FLAG, AT(ignore_sigterm), 0, 0, "ignore SIGTERM; SIGINT still detaches" },
	{ "timeout-ms", NUMBER, AT(timeout_ms), 1, 30000, "limit of the watchdog (5000)" },
	{ "partial", FLAG, AT(partial), 0, 0, "schedule only tasks of policy SCHED_EXT" },
};

#define NR_SPECS (sizeof(specs) / sizeof(specs[0]))

static const char *value_name(enum kind kind)
{
	return kind == FLAG ? "" : kind == SECONDS ? " S" : " N";
}

static void print_usage(FILE *out)
{
	fputs("usage: scx_ktstr [OPTION]...\n\n"
	      "A sched_ext scheduler that works, or fails in the way that is asked for.\n"
	      "S is in seconds after the attach, decimals allowed.\n\n",
	      out);
	for (size_t i = 0; i < NR_SPECS; i++) {
		const char *value = value_name(specs[i].kind);

		fprintf(out, "  --%s%-*s %s\n", specs[i].name, (int)(17 - strlen(specs[i].name)), value, specs[i].help);
	}
	fputs("  --help              print this and exit\n"
	      "  --version           print the version and exit\n",
	      out);
}

static _Noreturn void refuse(const char *argument, const char *why)
{
	fprintf(stderr, "scx_ktstr: \"%s\": %s\n\n", argument, why);
	print_usage(stderr);
	exit(USAGE_ERROR);
}

/* Decimal digits only: no sign, blank, exponent or other base. Returns what follows them, NULL when there are none. */
static const char *read_digits(const char *text, uint64_t *value)
{
	size_t length = strspn(text, "0123456789");

	/* Longer numbers are out of every bound, and would not fit. */
	if (length == 0 || length > 12)
		return NULL;
	*value = strtoull(text, NULL, 10);
	return text + length;
}

static bool read_number(const char *text, const struct option_spec *spec, uint64_t *value)
{
	const char *rest = read_digits(text, value);

	return rest && *rest == '\0' && *value >= spec->min && *value <= spec->max;
}

static bool read_seconds(const char *text, const struct option_spec *spec, uint64_t *ns)
{
	uint64_t whole, unit = NS_PER_S;
	const char *rest = read_digits(text, &whole);

	if (!rest || whole >= spec->max)
		return false;
	*ns = whole * NS_PER_S;
	if (*rest == '\0')
		return true;
	if (*rest++ != '.' || *rest == '\0')
		return false;
	for (; *rest >= '0' && *rest <= '9' && unit > 1; rest++) {
		unit /= 10;
		*ns += (uint64_t)(*rest - '0') * unit;
	}
	return *rest == '\0';
}

static const struct option_spec *find_spec(const char *name, size_t length)
{
	for (size_t i = 0; i < NR_SPECS; i++) {
		if (strlen(specs[i].name) == length && memcmp(specs[i].name, name, length) == 0)
			return &specs[i];
	}
	return NULL;
}

/* Sets one option, given as --name VALUE or --name=VALUE. Returns the last argument that it used. */
static char **set_option(struct options *options, char **argument)
{
	const char *equals = strchr(*argument, '=');
	size_t length = equals ? (size_t)(equals - *argument) : strlen(*argument);
	const struct option_spec *spec = length > 2 ? find_spec(*argument + 2, length - 2) : NULL;
	char *target = (char *)options;
	const char *value;
	bool good;

	if (strncmp(*argument, "--", 2) != 0 || !spec)
		refuse(*argument, "unknown option");
	if (spec->kind == FLAG) {
		if (equals)
			refuse(*argument, "takes no value");
		*(bool *)(target + spec->offset) = true;
		return argument;
	}

	value = equals ? equals + 1 : *++argument;
	if (!value)
		refuse(spec->name, "needs a value");
	good = (spec->kind == SECONDS ? read_seconds : read_number)(value, spec, (uint64_t *)(target + spec->offset));
	if (!good)
		refuse(value, spec->kind == SECONDS ? "not a number of seconds below 86400"
						    : "not a whole number, or out of bounds");
	return argument;
}

struct options read_options(char *argv[])
{
	struct options options = {
		.stall_after_ns = NEVER_NS,
		.crash_after_ns = NEVER_NS,
		.exit_after_ns = NEVER_NS,
		.kill_after_ns = NEVER_NS,
		.degrade_after_ns = NEVER_NS,
		.timeout_ms = 5000,
		.exit_code = NO_EXIT_CODE,
	};

	for (char **argument = argv + 1; *argument; argument++) {
		if (strcmp(*argument, "--help") == 0) {
			print_usage(stdout);
			exit(0);
		}
		if (strcmp(*argument, "--version") == 0) {
			puts("scx_ktstr " KTSTR_VERSION);
			exit(0);
		}
		argument = set_option(&options, argument);
	}
	return options;
}
