#ifndef KTSTR_IO_H
#define KTSTR_IO_H

#include <stddef.h>

/* Writes all of it, however often the kernel takes only a part. Returns 0, or -errno. */
int write_all(int fd, const void *bytes, size_t length);

#endif
