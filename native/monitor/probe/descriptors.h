#ifndef PROBE_DESCRIPTORS_H
#define PROBE_DESCRIPTORS_H

#include <stddef.h>
#include <stdint.h>

/* Reads, writes or sends all of it. Returns 0, or a negative errno; -EPIPE when the other end is gone or the file ends.
 */
int read_all(int fd, void *out, size_t length);
int write_all(int fd, const void *data, size_t length);
/* To a socket. A reader that is gone is no reason for a signal. */
int send_all(int fd, const void *data, size_t length);

/* All of a file from its start, to be freed; NULL when it cannot be read or has more than `limit` bytes. */
uint8_t *read_file(int fd, uint64_t limit, uint64_t *length);

#endif
