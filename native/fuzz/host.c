/* In place of irq.c and line.c: what devices do to the host is recorded instead of done. */
#include "host.h"
#include "invariant.h"
#include "line.h"

struct host host;

void irq_set(struct irq *irq, uint32_t level)
{
	HOLDS(level <= 1);
	irq->level = host.irq_level = level;
}

int line_write(int fd, const void *bytes, size_t length)
{
	HOLDS(fd == HOST_FD);
	host.writes++;
	HOLDS(length > 0);
	host.length = length;
	host.first = *(const uint8_t *)bytes;
	host.last = ((const uint8_t *)bytes)[length - 1];
	if (host.on_write)
		host.on_write(bytes, length);
	return 0;
}
