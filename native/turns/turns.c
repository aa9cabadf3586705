#include "turns.h"

#include <stdatomic.h>
#include <sys/eventfd.h>
#include <threads.h>

/*
 * The main loop needs microseconds for its turn. Where it waits for the vcpu thread in its turn, as in the grace period
 * of an RCU, the vcpu thread goes on after this.
 */
#define TURN_DEADLINE_MS 2000
/*
 * Chosen. What the vcpu thread does is decided by the guest's instructions, so its locks are counted in place of time:
 * few enough that a main loop that waits is not late for long, and many enough that turns cost nothing.
 */
#define LOCKS_PER_TURN 1024

/*
 * All but atomics under `lock`, which is one of C's: the functions of POSIX threads that are called in this library are
 * those that lead here.
 */
static struct {
	mtx_t lock;
	/* Known when the vcpu thread has slept for the first time. Until then nobody is held. */
	_Atomic(const pthread_mutex_t *) big_lock;
	/* What the vcpu thread waits for, or NULL while it runs. */
	const pthread_cond_t *sleeps_for;
	/* The main loop has something to do that is the guest's. */
	atomic_bool pending;
	/* How often the vcpu thread has taken the big lock since the main loop's last turn. */
	unsigned int locks;
	/* The vcpu thread waits for the main loop to have its turn. */
	bool granted;
	bool main_runs;
	/* The main loop has something to do that is not the guest's. */
	bool foreign;
	/* So it has in this turn, and what follows from that is not the guest's either. */
	bool is_foreign_turn;
	int wake_fd;
	int done_fd;
} turns;

/* Of the main loop alone. */
static bool main_is_unlocked;

static atomic_bool eventfds[TURNS_FD_LIMIT];
/* Those of them that the main loop waits for. */
static atomic_bool watched[TURNS_FD_LIMIT];

void turns_init(void)
{
	mtx_init(&turns.lock, mtx_plain);
	turns.wake_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	turns.done_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
}

static bool in_range(int fd)
{
	return fd >= 0 && fd < TURNS_FD_LIMIT;
}

void turns_eventfd_made(int fd)
{
	if (in_range(fd))
		atomic_store(&eventfds[fd], true);
}

void turns_closes(int fd)
{
	if (in_range(fd))
		atomic_store(&eventfds[fd], false);
}

bool turns_is_eventfd(int fd)
{
	return in_range(fd) && atomic_load(&eventfds[fd]);
}

int turns_wake_fd(void)
{
	return turns.wake_fd;
}

static void drain(int fd)
{
	eventfd_t value;

	eventfd_read(fd, &value);
}

static void wake_for_foreign(void)
{
	mtx_lock(&turns.lock);
	turns.foreign = true;
	eventfd_write(turns.wake_fd, 1);
	mtx_unlock(&turns.lock);
}

static void main_has_work(void)
{
	if (turns.is_foreign_turn)
		wake_for_foreign();
	else
		turns.pending = true;
}

void turns_main_waits_for(const struct pollfd *fds, nfds_t count, bool has_work)
{
	for (int fd = 0; fd < TURNS_FD_LIMIT; fd++)
		atomic_store_explicit(&watched[fd], false, memory_order_relaxed);
	for (nfds_t i = 0; i < count; i++) {
		if (turns_is_eventfd(fds[i].fd))
			atomic_store_explicit(&watched[fds[i].fd], true, memory_order_relaxed);
	}
	if (has_work)
		main_has_work();
	turns_main_rests();
}

void turns_main_locks(const pthread_mutex_t *lock, bool locks)
{
	if (lock == turns.big_lock)
		main_is_unlocked = !locks;
}

bool turns_main_is_unlocked(void)
{
	return main_is_unlocked;
}

void turns_main_rests(void)
{
	mtx_lock(&turns.lock);
	if (turns.main_runs)
		eventfd_write(turns.done_fd, 1);
	turns.main_runs = false;
	mtx_unlock(&turns.lock);
}

/* Only eventfds are written by threads of QEMU; all else comes from outside. */
static bool has_foreign_event(const struct pollfd *fds, nfds_t count)
{
	for (nfds_t i = 0; i < count; i++) {
		if (fds[i].revents && !turns_is_eventfd(fds[i].fd))
			return true;
	}
	return false;
}

bool turns_main_may_go(const struct pollfd *fds, nfds_t count)
{
	bool is_foreign, may_go;

	mtx_lock(&turns.lock);
	drain(turns.wake_fd);
	is_foreign = turns.foreign || has_foreign_event(fds, count);
	may_go = !turns.big_lock || turns.sleeps_for || turns.granted || is_foreign;
	if (may_go) {
		turns.main_runs = true;
		turns.is_foreign_turn = is_foreign;
		turns.granted = false;
		turns.foreign = false;
		turns.pending = false;
	}
	mtx_unlock(&turns.lock);
	return may_go;
}

void turns_vcpu_sleeps(const pthread_cond_t *reason, const pthread_mutex_t *big_lock)
{
	mtx_lock(&turns.lock);
	turns.big_lock = big_lock;
	turns.sleeps_for = reason;
	turns.locks = 0;
	eventfd_write(turns.wake_fd, 1);
	mtx_unlock(&turns.lock);
}

void turns_signals(const pthread_cond_t *reason)
{
	mtx_lock(&turns.lock);
	if (turns.sleeps_for == reason)
		turns.sleeps_for = NULL;
	mtx_unlock(&turns.lock);
}

static bool main_has_turn(void)
{
	bool has_turn;

	mtx_lock(&turns.lock);
	has_turn = turns.granted || turns.main_runs;
	mtx_unlock(&turns.lock);
	return has_turn;
}

void turns_vcpu_locks(const pthread_mutex_t *lock)
{
	struct pollfd done = { .fd = turns.done_fd, .events = POLLIN };

	if (lock != turns.big_lock || ++turns.locks < LOCKS_PER_TURN || !turns.pending)
		return;
	turns.locks = 0;
	mtx_lock(&turns.lock);
	drain(turns.done_fd);
	turns.granted = true;
	eventfd_write(turns.wake_fd, 1);
	mtx_unlock(&turns.lock);
	while (main_has_turn() && poll(&done, 1, TURN_DEADLINE_MS) > 0)
		drain(turns.done_fd);
}

void turns_written(int fd, enum turns_writer writer)
{
	if (!in_range(fd) || !atomic_load_explicit(&watched[fd], memory_order_relaxed))
		return;
	if (writer == TURNS_MAIN)
		main_has_work();
	else if (writer == TURNS_OTHER)
		wake_for_foreign();
	else
		turns.pending = true;
}
