#ifndef VMM_KICKS_H
#define VMM_KICKS_H

#include "error.h"

#include <pthread.h>
#include <stdatomic.h>

/* A thread that does what the guest asks for by an eventfd, while the vcpu that asked runs on. */
struct kicks {
	/* VMM_NO_FD when vcpus carry their requests themselves. */
	int event_fd;
	void (*carry)(void *device);
	void *device;
	atomic_int ending;
	int started;
	pthread_t thread;
};

void kicks_init(struct kicks *kicks, void (*carry)(void *device), void *device);
int kicks_open(struct kicks *kicks, struct vmm_error *error);
int kicks_start(struct kicks *kicks, struct vmm_error *error);

/* Waits for the end of the thread. */
void kicks_deinit(struct kicks *kicks);

#endif
