#include "release.h"
#include "../clock.h"
#include "futex.h"

uint64_t release_workers(struct kit *kit)
{
	uint64_t start_ns = now_ns();

	for (struct group *group = kit->groups; group != NULL; group = group->next) {
		if (group->release <= kit->control->released)
			continue;
		for (uint32_t i = 0; i < group->count; i++)
			group->slots[i].start_ns = start_ns;
	}
	__atomic_add_fetch(&kit->control->released, 1, __ATOMIC_RELEASE);
	futex_wake_all(&kit->control->released);
	return start_ns;
}
