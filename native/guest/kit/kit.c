/*
 * kit.node: the system calls that Node has no function for. It is linked against no C library: the symbols it needs
 * come from the one that Node has loaded, whichever that is.
 *
 * A failed call throws an Error whose `code` is the name of the call and whose message is the text of errno.
 */
#include "kernel_log.h"
#include "napi.h"

#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/reboot.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

static napi_value throw_errno(napi_env env, const char *call)
{
	napi_throw_error(env, call, strerror(errno));
	return NULL;
}

/* Returns false, with a TypeError pending, when the only argument is not a number. */
static bool int_argument(napi_env env, napi_callback_info info, int32_t *value)
{
	napi_value argument;
	size_t count = 1;

	if (napi_get_cb_info(env, info, &count, &argument, NULL, NULL) == 0 && count == 1 &&
	    napi_get_value_int32(env, argument, value) == 0)
		return true;
	napi_throw_type_error(env, NULL, "kit: one whole number is needed");
	return false;
}

/* zombie(): the pid of a child of this thread that has ended and is not reaped yet, or 0. Does not reap it. */
static napi_value zombie(napi_env env, napi_callback_info call)
{
	siginfo_t info = { .si_signo = 0 };
	napi_value result;

	(void)call;
	/* Children of other threads belong to the event loops of those threads; orphans come to the main thread. */
	if (waitid(P_ALL, 0, &info, WEXITED | WNOHANG | WNOWAIT | __WNOTHREAD) != 0 && errno != ECHILD)
		return throw_errno(env, "waitid");
	napi_create_int32(env, info.si_signo == 0 ? 0 : info.si_pid, &result);
	return result;
}

/* reap(pid): takes the exit status of one child, if it has ended; returns whether it did. */
static napi_value reap(napi_env env, napi_callback_info info)
{
	napi_value result;
	int32_t pid;

	if (!int_argument(env, info, &pid))
		return NULL;
	/* 0 and below would stand for groups of children. */
	napi_get_boolean(env, pid > 0 && waitpid(pid, NULL, WNOHANG) == pid, &result);
	return result;
}

/* powerOff(): switches the machine off. Refused outside of process 1, where it would be the machine of a developer. */
static napi_value power_off(napi_env env, napi_callback_info info)
{
	(void)info;
	if (getpid() != 1)
		errno = EPERM;
	else
		reboot(RB_POWER_OFF);
	return throw_errno(env, "reboot");
}

/* setSchedFifo(priority): puts the calling thread, not what it forks, into SCHED_FIFO. */
static napi_value set_sched_fifo(napi_env env, napi_callback_info info)
{
	struct sched_param param;

	if (!int_argument(env, info, &param.sched_priority))
		return NULL;
	/* The function of that name does nothing in musl. */
	if (syscall(SYS_sched_setscheduler, 0, SCHED_FIFO | SCHED_RESET_ON_FORK, &param) != 0)
		return throw_errno(env, "sched_setscheduler");
	return NULL;
}

/* becomeSubreaper(): makes orphaned descendants children of this process, as they are of process 1. */
static napi_value become_subreaper(napi_env env, napi_callback_info info)
{
	(void)info;
	if (prctl(PR_SET_CHILD_SUBREAPER, 1UL, 0UL, 0UL, 0UL) != 0)
		return throw_errno(env, "prctl");
	return NULL;
}

static void export_function(napi_env env, napi_value exports, const char *name, napi_callback callback)
{
	napi_value function;

	napi_create_function(env, name, NAPI_AUTO_LENGTH, callback, NULL, &function);
	napi_set_named_property(env, exports, name, function);
}

/* The entry that Node looks up by this name. */
__attribute__((visibility("default"))) napi_value napi_register_module_v1(napi_env env, napi_value exports);

napi_value napi_register_module_v1(napi_env env, napi_value exports)
{
	export_function(env, exports, "zombie", zombie);
	export_function(env, exports, "reap", reap);
	export_function(env, exports, "powerOff", power_off);
	export_function(env, exports, "setSchedFifo", set_sched_fifo);
	export_function(env, exports, "becomeSubreaper", become_subreaper);
	export_function(env, exports, "watchKernelLog", watch_kernel_log);
	return exports;
}
