/*
 * Prints one line of JSON, {"field":[values]}, and behind it a struct worker_report with these values: field n (from 1)
 * holds n * 2^24 + i, and n * 2^40 + i when it has 64 bits. That is what a decoder must find.
 */
#include "worker_report.h"

#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static struct worker_report report;
static unsigned int field;

static uint64_t sample(size_t bytes, size_t i)
{
	return ((uint64_t)field << (bytes == sizeof(uint64_t) ? 40 : 24)) + i;
}

#define FILL(type, name, count)                                                                      \
	printf("%s\"%s\":[", field++ == 0 ? "{" : ",", #name);                                       \
	for (size_t i = 0; i < (count); i++) {                                                       \
		uint64_t value = sample(sizeof(type), i);                                            \
		((type *)((char *)&report + offsetof(struct worker_report, name)))[i] = (type)value; \
		printf("%s\"%llu\"", i == 0 ? "" : ",", (unsigned long long)value);                  \
	}                                                                                            \
	printf("]");
#define FILL_ONE(type, name) FILL(type, name, 1)
#define FILL_MANY(type, name, count) FILL(type, name, count)

int main(void)
{
	WORKER_REPORT_FIELDS(FILL_ONE, FILL_MANY)
	puts("}");
	return fwrite(&report, sizeof(report), 1, stdout) == 1 ? EXIT_SUCCESS : EXIT_FAILURE;
}
