#ifndef VMM_ERROR_H
#define VMM_ERROR_H

#include "vmm.h"

/* Fills the record from `code`, a positive errno. Returns its negative. */
__attribute__((format(printf, 5, 6))) int vmm_fail(struct vmm_error *error, int code, const char *phase,
						   const char *call, const char *detail, ...);

#endif
