#include "kicks.h"
#include "thread.h"

#include <errno.h>
#include <sys/eventfd.h>
#include <unistd.h>

void kicks_init(struct kicks *kicks, void (*carry)(void *device), void *device)
{
	*kicks = (struct kicks){ .event_fd = VMM_NO_FD, .carry = carry, .device = device };
}

int kicks_open(struct kicks *kicks, struct vmm_error *error)
{
	kicks->event_fd = eventfd(0, EFD_CLOEXEC);
	return kicks->event_fd < 0 ? vmm_fail(error, errno, "devices", "eventfd", "kicks") : 0;
}

static void *run(void *argument)
{
	struct kicks *kicks = argument;
	eventfd_t count;

	while (eventfd_read(kicks->event_fd, &count) == 0 && !atomic_load(&kicks->ending))
		kicks->carry(kicks->device);
	return NULL;
}

int kicks_start(struct kicks *kicks, struct vmm_error *error)
{
	pthread_attr_t attributes;
	int err;

	if (kicks->event_fd < 0)
		return 0;
	pthread_attr_init(&attributes);
	err = thread_start(&kicks->thread, &attributes, "ktstr-kicks", run, kicks);
	pthread_attr_destroy(&attributes);
	if (err)
		return vmm_fail(error, err, "start", "pthread_create", "kicks");
	kicks->started = 1;
	return 0;
}

void kicks_deinit(struct kicks *kicks)
{
	atomic_store(&kicks->ending, 1);
	if (kicks->started) {
		eventfd_write(kicks->event_fd, 1);
		pthread_join(kicks->thread, NULL);
	}
	if (kicks->event_fd >= 0)
		close(kicks->event_fd);
}
