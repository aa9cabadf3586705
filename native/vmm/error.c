#include "error.h"
#include "fill_error.h"

int vmm_fail(struct vmm_error *error, int code, const char *phase, const char *call, const char *detail, ...)
{
	FILL_ERROR(error, code, phase, call, detail);
	return -error->code;
}
