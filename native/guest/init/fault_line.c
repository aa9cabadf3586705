#include "fault_line.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

size_t fault_line(char *line, size_t size, const char *what, int err)
{
	int length = snprintf(line, size, "fault %s %d %s\n", what, abs(err), strerror(abs(err)));

	if ((size_t)length < size)
		return (size_t)length;
	line[size - 1] = '\n';
	return size;
}
