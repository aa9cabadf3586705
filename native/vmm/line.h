#ifndef VMM_LINE_H
#define VMM_LINE_H

#include <stddef.h>

/* Appends to a file; a line without one swallows what it is given. Returns 0 or a negative errno. */
int line_write(int fd, const void *bytes, size_t length);

#endif
