#include "error.h"
#include "fill_error.h"

int monitor_fail(struct monitor_error *error, int code, const char *phase, const char *call, const char *detail, ...)
{
	FILL_ERROR(error, code, phase, call, detail);
	return -error->code;
}
