#include "thread.h"

#include <signal.h>
#include <time.h>

#define STACK_BYTES (128 * 1024)

/* Signals of the process are for the threads of its owner; the new thread never takes one, from its first moment. */
int thread_start(pthread_t *thread, pthread_attr_t *attributes, const char *name, void *(*run)(void *), void *argument)
{
	sigset_t all, before;
	int err;

	pthread_attr_setstacksize(attributes, STACK_BYTES);
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	err = pthread_create(thread, attributes, run, argument);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	if (!err)
		pthread_setname_np(*thread, name);
	return err;
}

int condition_init(pthread_cond_t *condition)
{
	pthread_condattr_t attributes;
	int err = pthread_condattr_init(&attributes);

	if (err)
		return err;
	err = pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
	if (!err)
		err = pthread_cond_init(condition, &attributes);
	pthread_condattr_destroy(&attributes);
	return err;
}
