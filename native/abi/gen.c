/* Prints the TypeScript layout of struct worker_report. */
#include "worker_report.h"

#include <stddef.h>
#include <stdio.h>
#include <string.h>

static const char *type_name(const char *c_type)
{
	return strcmp(c_type, "uint64_t") == 0 ? "u64" : "u32";
}

static void print_field(const char *name, const char *c_type, size_t offset, size_t count)
{
	printf("  %s: { offset: %zu, type: '%s', count: %zu },\n", name, offset, type_name(c_type), count);
}

#define PRINT_ONE(type, name) print_field(#name, #type, offsetof(struct worker_report, name), 1);
#define PRINT_MANY(type, name, count) print_field(#name, #type, offsetof(struct worker_report, name), count);
#define PRINT_EXIT(constant, name) printf("  '%s',\n", name);

int main(void)
{
	puts("// Generated from native/abi/worker_report.h by `make -C native abi`.");
	printf("export const REPORT_BYTES = %zu;\n\n", sizeof(struct worker_report));
	puts("export const REPORT_LAYOUT = {");
	WORKER_REPORT_FIELDS(PRINT_ONE, PRINT_MANY)
	puts("} as const;\n");
	puts("/** `exit_kind` is a position in this list. */");
	puts("export const WORKER_EXITS = [");
	WORKER_EXITS(PRINT_EXIT)
	puts("] as const;");
	return 0;
}
