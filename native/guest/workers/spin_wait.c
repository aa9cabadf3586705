#include "work_types.h"
#include "worker.h"

#define SPINS 1024
/*
 * Turns per pause hint. An emulated CPU leaves its translated code at each PAUSE: one on every turn makes virtual time
 * eighteen times slower, and none at all would starve the SMT sibling of a real CPU.
 */
#define SPINS_PER_PAUSE 64

static inline void cpu_relax(void)
{
#if defined(__x86_64__)
	__builtin_ia32_pause();
#elif defined(__aarch64__)
	__asm__ volatile("yield" ::: "memory");
#else
#error "cpu_relax: not written for this architecture"
#endif
}

void spin_wait(struct worker *worker)
{
	do {
		for (int i = 0; i < SPINS; i++) {
			if (i % SPINS_PER_PAUSE == 0)
				cpu_relax();
			/* Keeps the turn, which computes nothing, from being optimised away. */
			__asm__ volatile("" ::: "memory");
		}
	} while (worker_tick(worker, SPINS));
}
