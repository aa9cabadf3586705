#ifndef MONITOR_ERROR_H
#define MONITOR_ERROR_H

#include "monitor.h"

/* Fills the record from `code`, a positive errno. Returns its negative. */
__attribute__((format(printf, 5, 6))) int monitor_fail(struct monitor_error *error, int code, const char *phase,
						       const char *call, const char *detail, ...);

#endif
