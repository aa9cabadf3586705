/* A thread that executes a plan at a period. */
#include "executor.h"
#include "library.h"
#include "ring.h"
#include "thread.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <time.h>
#include <unistd.h>

#define NS_PER_MS 1000000ULL
#define NS_PER_S 1000000000ULL

struct monitor_sampler {
	struct monitor *monitor;
	struct plan plan;
	struct executor executor;
	struct ring ring;
	uint64_t period_ns;
	/* Both ends of the pipe until the thread runs; then the reading end is the user's, the other the thread's. */
	int news_read_fd, news_write_fd;
	pthread_t thread;
	/* `lock` guards `stopping`. */
	pthread_mutex_t lock;
	pthread_cond_t stop;
	bool started, stopping;
	_Atomic uint64_t samples, skipped, cpu_ns;
};

static uint64_t clock_ns(clockid_t clock)
{
	struct timespec now;

	clock_gettime(clock, &now);
	return (uint64_t)now.tv_sec * NS_PER_S + (uint64_t)now.tv_nsec;
}

/* True when the moment has come, false when the sampler is to stop. */
static bool wait_until(struct monitor_sampler *sampler, uint64_t ns)
{
	const struct timespec until = { (time_t)(ns / NS_PER_S), (long)(ns % NS_PER_S) };
	int err = 0;
	bool go_on;

	pthread_mutex_lock(&sampler->lock);
	while (!sampler->stopping && err != ETIMEDOUT)
		err = pthread_cond_timedwait(&sampler->stop, &sampler->lock, &until);
	go_on = !sampler->stopping;
	pthread_mutex_unlock(&sampler->lock);
	return go_on;
}

static void tell(struct monitor_sampler *sampler)
{
	const char half_full = 'h';
	/* A pipe that is full of news has told it all. */
	ssize_t written = write(sampler->news_write_fd, &half_full, sizeof(half_full));

	(void)written;
}

static void take_sample(struct monitor_sampler *sampler, uint32_t skipped)
{
	uint64_t sequence = atomic_load_explicit(&sampler->samples, memory_order_relaxed);
	struct monitor_record *record = executor_run(&sampler->executor, sequence, clock_ns(CLOCK_MONOTONIC));

	record->duration_ns = clock_ns(CLOCK_MONOTONIC) - record->host_ns;
	record->skipped = skipped;
	record->dropped = atomic_load_explicit(&sampler->ring.dropped, memory_order_relaxed);
	if (ring_push(&sampler->ring, record))
		tell(sampler);
	atomic_store_explicit(&sampler->samples, sequence + 1, memory_order_relaxed);
	atomic_fetch_add_explicit(&sampler->skipped, skipped, memory_order_relaxed);
	atomic_store_explicit(&sampler->cpu_ns, clock_ns(CLOCK_THREAD_CPUTIME_ID), memory_order_relaxed);
}

/* Moments are multiples of the period from the first on, so that delays do not add up. */
static void *sample(void *argument)
{
	struct monitor_sampler *sampler = argument;
	uint64_t due = clock_ns(CLOCK_MONOTONIC);
	uint32_t skipped = 0;

	/* Of this thread alone: the kernel's default adds 50 us to every wait. */
	prctl(PR_SET_TIMERSLACK, 1);
	while (wait_until(sampler, due)) {
		uint64_t late;

		take_sample(sampler, skipped);
		late = clock_ns(CLOCK_MONOTONIC) - due;
		skipped = (uint32_t)(late / sampler->period_ns);
		due += (skipped + 1) * sampler->period_ns;
	}
	close(sampler->news_write_fd);
	return NULL;
}

static int build(struct monitor_sampler *sampler, uint32_t capacity, struct monitor_error *error)
{
	int news[2];

	if ((uint64_t)capacity * sampler->plan.record_bytes > MONITOR_MAX_RING_BYTES)
		return monitor_fail(error, EINVAL, "sampler", "monitor_sampler_start", "%u records of %u bytes",
				    capacity, sampler->plan.record_bytes);
	if (ring_init(&sampler->ring, sampler->plan.record_bytes, capacity) != 0)
		return monitor_fail(error, ENOMEM, "sampler", "calloc", "%u records of %u bytes", capacity,
				    sampler->plan.record_bytes);
	if (executor_init(&sampler->executor, &sampler->plan, &sampler->monitor->space, sampler->monitor->tlb_ms,
			  error) != 0)
		return -error->code;
	if (pipe2(news, O_CLOEXEC) != 0)
		return monitor_fail(error, errno, "sampler", "pipe2", "news of the ring");
	sampler->news_read_fd = news[0];
	sampler->news_write_fd = news[1];
	/* The reading end may block: its user decides that. */
	fcntl(sampler->news_write_fd, F_SETFL, O_NONBLOCK);
	return 0;
}

static int start(struct monitor_sampler *sampler, struct monitor_error *error)
{
	pthread_attr_t attributes;
	int err;

	pthread_attr_init(&attributes);
	err = thread_start(&sampler->thread, &attributes, "ktstr-sampler", sample, sampler);
	pthread_attr_destroy(&attributes);
	if (err)
		return monitor_fail(error, err, "sampler", "pthread_create", "sampling thread");
	sampler->started = true;
	return 0;
}

int monitor_sampler_start(struct monitor *monitor, const void *plan, uint64_t plan_bytes, uint32_t period_ms,
			  uint32_t capacity, struct monitor_sampler **out, struct monitor_error *error)
{
	struct monitor_sampler *sampler;
	int err;

	*out = NULL;
	if (period_ms == 0 || period_ms > MONITOR_MAX_PERIOD_MS || capacity == 0)
		return monitor_fail(error, EINVAL, "sampler", "monitor_sampler_start", "every %u ms, %u records",
				    period_ms, capacity);
	sampler = calloc(1, sizeof(*sampler));
	if (!sampler)
		return monitor_fail(error, ENOMEM, "sampler", "calloc", "sampler");
	sampler->period_ns = period_ms * NS_PER_MS;
	sampler->news_read_fd = sampler->news_write_fd = -1;
	sampler->monitor = monitor;
	monitor_hold(monitor);
	pthread_mutex_init(&sampler->lock, NULL);
	err = condition_init(&sampler->stop);
	if (err) {
		pthread_mutex_destroy(&sampler->lock);
		monitor_release(monitor);
		free(sampler);
		return monitor_fail(error, err, "sampler", "pthread_cond_init", "sampling thread");
	}
	err = plan_init(&sampler->plan, plan, plan_bytes, error);
	if (!err)
		err = build(sampler, capacity, error);
	if (!err)
		err = start(sampler, error);
	if (!err) {
		*out = sampler;
		return 0;
	}
	if (sampler->news_read_fd >= 0) {
		close(sampler->news_read_fd);
		close(sampler->news_write_fd);
	}
	monitor_sampler_destroy(sampler);
	return err;
}

uint32_t monitor_sampler_drain(struct monitor_sampler *sampler, void *out, uint64_t bytes)
{
	return ring_drain(&sampler->ring, out, bytes / sampler->ring.record_bytes);
}

void monitor_sampler_info(struct monitor_sampler *sampler, struct monitor_info *info)
{
	*info = (struct monitor_info){
		.samples = atomic_load(&sampler->samples),
		.dropped = atomic_load(&sampler->ring.dropped),
		.skipped = atomic_load(&sampler->skipped),
		.cpu_ns = atomic_load(&sampler->cpu_ns),
		.record_bytes = sampler->plan.record_bytes,
		.news_fd = sampler->news_read_fd,
	};
}

void monitor_sampler_stop(struct monitor_sampler *sampler)
{
	pthread_mutex_lock(&sampler->lock);
	sampler->stopping = true;
	pthread_cond_signal(&sampler->stop);
	pthread_mutex_unlock(&sampler->lock);
}

void monitor_sampler_destroy(struct monitor_sampler *sampler)
{
	if (sampler->started) {
		monitor_sampler_stop(sampler);
		pthread_join(sampler->thread, NULL);
	}
	executor_deinit(&sampler->executor);
	ring_deinit(&sampler->ring);
	plan_deinit(&sampler->plan);
	pthread_cond_destroy(&sampler->stop);
	pthread_mutex_destroy(&sampler->lock);
	monitor_release(sampler->monitor);
	free(sampler);
}
