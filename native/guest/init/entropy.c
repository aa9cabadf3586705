#include "entropy.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/random.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

/* What Linux waits for: POOL_READY_BITS of drivers/char/random.c. */
#define ENOUGH_BYTES 32

/* Nobody's secret depends on it, and runs that are to be identical need the same in each. */
static const char SEED[ENOUGH_BYTES] = "the random numbers of one test";

int credit_entropy(void)
{
	struct {
		struct rand_pool_info head;
		char seed[ENOUGH_BYTES];
	} pool = { .head = { .entropy_count = ENOUGH_BYTES * 8, .buf_size = ENOUGH_BYTES } };
	int err = 0;
	int fd = open("/dev/random", O_WRONLY | O_CLOEXEC);

	if (fd < 0)
		return -errno;
	memcpy(pool.seed, SEED, ENOUGH_BYTES);
	if (ioctl(fd, RNDADDENTROPY, &pool) != 0)
		err = -errno;
	close(fd);
	return err;
}
