/* SPDX-License-Identifier: (MIT OR GPL-2.0) */
#ifndef KTSTR_BPF_OPTIONS_H
#define KTSTR_BPF_OPTIONS_H

#include <stdbool.h>
#include <stdint.h>

/* What the command line asks for. Delays count from the attach and are NEVER_NS when not given. */
struct options {
	uint64_t stall_after_ns;
	uint64_t crash_after_ns;
	uint64_t exit_after_ns;
	uint64_t kill_after_ns;
	uint64_t degrade_after_ns;
	uint64_t timeout_ms;
	uint64_t slow_us;
	/* NO_EXIT_CODE when not given. */
	uint64_t exit_code;
	bool scatter;
	bool fail_verify;
	bool verify_loop;
	bool no_attach;
	bool ignore_sigterm;
	bool partial;
};

#define NO_EXIT_CODE UINT64_MAX

/*
 * Reads the command line. Answers --help and --version on stdout and leaves with 0; leaves with 2 and the usage on
 * stderr at an unknown option, a missing or surplus value, or a value that is out of bounds.
 */
struct options read_options(char *argv[]);

#endif
