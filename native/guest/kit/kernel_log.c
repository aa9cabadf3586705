#include "kernel_log.h"
#include "uv.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct log_watch {
	napi_env env;
	napi_ref callback;
};

static void call_back(uv_handle_t *handle, int status, int events)
{
	struct log_watch *watch = uv_handle_get_data(handle);
	napi_handle_scope scope;
	napi_value receiver, callback, result, error;

	(void)status;
	(void)events;
	if (napi_open_handle_scope(watch->env, &scope) != 0)
		return;
	napi_get_global(watch->env, &receiver);
	napi_get_reference_value(watch->env, watch->callback, &callback);
	/* A callback of its own, so that the promises it resolves go on when it has returned. */
	if (napi_make_callback(watch->env, NULL, receiver, callback, 0, NULL, &result) != 0 &&
	    napi_get_and_clear_last_exception(watch->env, &error) == 0)
		napi_fatal_exception(watch->env, error);
	napi_close_handle_scope(watch->env, scope);
}

static int open_log(void)
{
	int fd = open("/dev/kmsg", O_RDONLY | O_NONBLOCK | O_CLOEXEC);

	if (fd >= 0)
		lseek(fd, 0, SEEK_END);
	return fd;
}

/* Returns 0 or a negative errno. What it allocates stays for as long as the process: so does the watch. */
static int start_watch(napi_env env, napi_value callback, int fd)
{
	struct log_watch *watch = malloc(sizeof(*watch));
	uv_handle_t *handle = malloc(uv_handle_size(UV_POLL));
	uv_loop_t *loop;

	if (watch == NULL || handle == NULL || napi_get_uv_event_loop(env, &loop) != 0)
		return -ENOMEM;
	watch->env = env;
	if (napi_create_reference(env, callback, 1, &watch->callback) != 0)
		return -ENOMEM;
	int err = uv_poll_init(loop, handle, fd);
	if (err)
		return err;
	uv_handle_set_data(handle, watch);
	uv_unref(handle);
	return uv_poll_start(handle, UV_READABLE, call_back);
}

napi_value watch_kernel_log(napi_env env, napi_callback_info info)
{
	napi_value callback, result;
	size_t count = 1;
	int fd, err;

	if (napi_get_cb_info(env, info, &count, &callback, NULL, NULL) != 0 || count != 1) {
		napi_throw_type_error(env, NULL, "kit: a function is needed");
		return NULL;
	}
	fd = open_log();
	err = fd < 0 ? -errno : start_watch(env, callback, fd);
	if (err) {
		napi_throw_error(env, "open", strerror(-err));
		return NULL;
	}
	napi_create_int32(env, fd, &result);
	return result;
}
