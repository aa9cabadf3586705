#include "kit.h"
#include "../priorities.h"

#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>

/* A user without the right to it runs the kit on a host, where nothing starves it. */
static int enter_fifo(void)
{
	const struct sched_param param = { .sched_priority = KIT_PRIORITY };

	if (sched_setscheduler(0, SCHED_FIFO | SCHED_RESET_ON_FORK, &param) != 0 && errno != EPERM)
		return -errno;
	return 0;
}

int kit_init(struct kit *kit)
{
	sigset_t child;

	memset(kit, 0, sizeof(*kit));
	sigemptyset(&child);
	sigaddset(&child, SIGCHLD);
	if (sigprocmask(SIG_BLOCK, &child, NULL) != 0)
		return -errno;
	kit->signals = signalfd(-1, &child, SFD_CLOEXEC | SFD_NONBLOCK);
	if (kit->signals < 0)
		return -errno;
	kit->control = mmap(NULL, sizeof(*kit->control), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (kit->control == MAP_FAILED)
		return -errno;
	if (prctl(PR_SET_CHILD_SUBREAPER, 1) != 0)
		return -errno;
	return enter_fifo();
}
