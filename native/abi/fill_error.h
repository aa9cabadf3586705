/* The body of vmm_fail() and monitor_fail(): records of two ABIs, with the same fields. */
#ifndef KTSTR_FILL_ERROR_H
#define KTSTR_FILL_ERROR_H

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* `last` is the parameter before the variable ones, and the format of the detail. */
#define FILL_ERROR(error, number, in, by, last)                                       \
	do {                                                                          \
		va_list arguments;                                                    \
                                                                                      \
		memset(error, 0, sizeof(*(error)));                                   \
		(error)->code = (number) ? (number) : EIO;                            \
		snprintf((error)->phase, sizeof((error)->phase), "%s", in);           \
		snprintf((error)->call, sizeof((error)->call), "%s", by);             \
		va_start(arguments, last);                                            \
		vsnprintf((error)->detail, sizeof((error)->detail), last, arguments); \
		va_end(arguments);                                                    \
	} while (0)

#endif
