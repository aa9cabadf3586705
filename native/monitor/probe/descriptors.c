#include "descriptors.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

int read_all(int fd, void *out, size_t length)
{
	uint8_t *to = out;

	while (length > 0) {
		ssize_t got = read(fd, to, length);

		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0)
			return got < 0 ? -errno : -EPIPE;
		to += got;
		length -= (size_t)got;
	}
	return 0;
}

static int put_all(int fd, const void *data, size_t length, ssize_t (*put_some)(int, const void *, size_t))
{
	const uint8_t *from = data;

	while (length > 0) {
		ssize_t put = put_some(fd, from, length);

		if (put < 0 && errno == EINTR)
			continue;
		if (put <= 0)
			return put < 0 ? -errno : -EIO;
		from += put;
		length -= (size_t)put;
	}
	return 0;
}

int write_all(int fd, const void *data, size_t length)
{
	return put_all(fd, data, length, write);
}

static ssize_t send_some(int fd, const void *data, size_t length)
{
	return send(fd, data, length, MSG_NOSIGNAL);
}

int send_all(int fd, const void *data, size_t length)
{
	return put_all(fd, data, length, send_some);
}

uint8_t *read_file(int fd, uint64_t limit, uint64_t *length)
{
	struct stat file;
	uint8_t *bytes;

	if (fstat(fd, &file) != 0 || (uint64_t)file.st_size > limit)
		return NULL;
	*length = (uint64_t)file.st_size;
	bytes = malloc(*length + 1);
	if (bytes && (lseek(fd, 0, SEEK_SET) != 0 || read_all(fd, bytes, *length) != 0)) {
		free(bytes);
		bytes = NULL;
	}
	return bytes;
}
