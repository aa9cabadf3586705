#include "lines.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static int read_text(int fd, char **text)
{
	struct stat st;
	size_t length = 0;

	if (fstat(fd, &st) != 0)
		return -errno;
	*text = malloc((size_t)st.st_size + 1);
	if (*text == NULL)
		return -ENOMEM;
	while (length < (size_t)st.st_size) {
		ssize_t got = read(fd, *text + length, (size_t)st.st_size - length);

		if (got < 0)
			return -errno;
		if (got == 0)
			break;
		length += (size_t)got;
	}
	(*text)[length] = '\0';
	return 0;
}

static size_t count_lines(const char *text)
{
	size_t count = 1;

	for (; *text != '\0'; text++)
		count += *text == '\n';
	return count;
}

int read_lines(const char *path, char ***lines)
{
	char *text, *line;
	size_t count = 0;
	int fd, err;

	*lines = NULL;
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return errno == ENOENT ? 0 : -errno;
	err = read_text(fd, &text);
	close(fd);
	if (err)
		return err;

	*lines = malloc((count_lines(text) + 1) * sizeof(**lines));
	if (*lines == NULL)
		return -ENOMEM;
	while ((line = strsep(&text, "\n")) != NULL) {
		if (*line != '\0')
			(*lines)[count++] = line;
	}
	(*lines)[count] = NULL;
	return 0;
}
