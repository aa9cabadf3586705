#ifndef KTSTR_FAULT_LINE_H
#define KTSTR_FAULT_LINE_H

#include <stddef.h>

/*
 * Formats `fault <what> <errno> <text>` with its line end, cut to `size` when it is longer. `what` has no white space;
 * err is positive or negative. Returns the length.
 */
size_t fault_line(char *line, size_t size, const char *what, int err);

#endif
