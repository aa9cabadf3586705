#include "modules.h"
#include "lines.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/syscall.h>
#include <unistd.h>

static int load_module(const char *path)
{
	int err = 0;
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		return -errno;
	if (syscall(SYS_finit_module, fd, "", 0) != 0 && errno != EEXIST)
		err = -errno;
	close(fd);
	return err;
}

int load_modules(const char *list, const char **which)
{
	char **paths;
	int err;

	*which = list;
	err = read_lines(list, &paths);
	if (err || paths == NULL)
		return err;
	for (; *paths != NULL; paths++) {
		*which = *paths;
		err = load_module(*paths);
		if (err)
			return err;
	}
	return 0;
}
