#ifndef PROBE_DIGEST_H
#define PROBE_DIGEST_H

#include "../memory.h"

/*
 * A word that stands for what is in RAM from an address on, and where. Pages of zeros do not count, so it does not
 * matter which of them the host has made; those of files that the host has not made are not made by looking. Returns 0
 * or a negative errno.
 */
int ram_digest(const struct ram *ram, const struct monitor_range *ranges, uint64_t from_gpa, uint64_t *digest,
	       struct monitor_error *error);

#endif
