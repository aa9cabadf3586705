#include "line.h"

#include <errno.h>
#include <unistd.h>

int line_write(int fd, const void *bytes, size_t length)
{
	const char *next = bytes;

	while (fd >= 0 && length > 0) {
		ssize_t put = write(fd, next, length);

		if (put < 0 && errno == EINTR)
			continue;
		if (put < 0)
			return -errno;
		next += put;
		length -= (size_t)put;
	}
	return 0;
}
