#ifndef VMM_CMOS_H
#define VMM_CMOS_H

#include "bus.h"

#include <pthread.h>

#define CMOS_PORT 0x70
#define CMOS_PORTS 2

/* The clock of an MC146818, which tells the host's time in UTC and cannot be set. */
struct cmos {
	pthread_mutex_t lock;
	uint8_t index;
};

extern const struct device_ops cmos_ops;

void cmos_init(struct cmos *cmos);
void cmos_deinit(struct cmos *cmos);

#endif
