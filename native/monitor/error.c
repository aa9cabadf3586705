#include "error.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

int monitor_fail(struct monitor_error *error, int code, const char *phase, const char *call, const char *detail, ...)
{
	va_list arguments;

	if (code == 0)
		code = EIO;
	memset(error, 0, sizeof(*error));
	error->code = code;
	snprintf(error->phase, sizeof(error->phase), "%s", phase);
	snprintf(error->call, sizeof(error->call), "%s", call);
	va_start(arguments, detail);
	vsnprintf(error->detail, sizeof(error->detail), detail, arguments);
	va_end(arguments);
	return -code;
}
