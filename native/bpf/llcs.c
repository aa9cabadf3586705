/* SPDX-License-Identifier: (MIT OR GPL-2.0) */
#include "llcs.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define CPU_ROOT "/sys/devices/system/cpu"

/* Enough for a list of MAX_CPUS single CPUs. */
#define LINE_SIZE 4096

/* Identities of caches: the first CPU that shares one, or, from here on, a package. */
#define PACKAGE_BASE 0x10000L

static bool read_line(const char *path, char line[LINE_SIZE])
{
	FILE *file = fopen(path, "re");
	bool read = file && fgets(line, LINE_SIZE, file);

	if (file)
		fclose(file);
	return read;
}

/* The number at the start of a file, -1 when there is none. Of a CPU list it is the first CPU. */
static long read_first_number(const char *path)
{
	char line[LINE_SIZE], *end;
	long number;

	if (!read_line(path, line))
		return -1;
	number = strtol(line, &end, 10);
	return end == line ? -1 : number;
}

/* What the last-level cache of a CPU is known by, -1 when nothing is said of the CPU, as when it is offline. */
static long identify_llc(unsigned int cpu)
{
	long highest = -1, identity = -1;
	char path[128];

	for (unsigned int index = 0;; index++) {
		long level;

		snprintf(path, sizeof(path), CPU_ROOT "/cpu%u/cache/index%u/level", cpu, index);
		level = read_first_number(path);
		if (level < 0)
			break;
		if (level <= highest)
			continue;
		highest = level;
		snprintf(path, sizeof(path), CPU_ROOT "/cpu%u/cache/index%u/shared_cpu_list", cpu, index);
		identity = read_first_number(path);
	}
	if (identity >= 0)
		return identity;
	snprintf(path, sizeof(path), CPU_ROOT "/cpu%u/topology/physical_package_id", cpu);
	identity = read_first_number(path);
	return identity < 0 ? -1 : PACKAGE_BASE + identity;
}

/* One more than the last CPU of a list such as "0-3,8". */
static unsigned long count_possible(void)
{
	char line[LINE_SIZE], *last;

	if (!read_line(CPU_ROOT "/possible", line))
		return 0;
	last = line + strcspn(line, "\n");
	*last = '\0';
	while (last > line && last[-1] != '-' && last[-1] != ',')
		last--;
	return strtoul(last, NULL, 10) + 1;
}

int read_llcs(struct llcs *llcs)
{
	unsigned long nr_cpus = count_possible();
	long identities[MAX_LLCS];

	memset(llcs, 0, sizeof(*llcs));
	if (nr_cpus == 0 || nr_cpus > MAX_CPUS) {
		fprintf(stderr, "scx_ktstr: " CPU_ROOT "/possible: %lu CPUs, 1 to %d are supported\n", nr_cpus,
			MAX_CPUS);
		return -1;
	}
	llcs->nr_cpus = (uint32_t)nr_cpus;
	for (unsigned int cpu = 0; cpu < llcs->nr_cpus; cpu++) {
		long identity = identify_llc(cpu);
		uint32_t llc = 0;

		if (identity < 0)
			continue;
		while (llc < llcs->nr_llcs && identities[llc] != identity)
			llc++;
		if (llc == MAX_LLCS) {
			fprintf(stderr, "scx_ktstr: more than %d last-level caches\n", MAX_LLCS);
			return -1;
		}
		identities[llc] = identity;
		llcs->of_cpu[cpu] = llc;
		if (llc == llcs->nr_llcs)
			llcs->nr_llcs++;
	}
	if (llcs->nr_llcs == 0)
		llcs->nr_llcs = 1;
	return 0;
}
