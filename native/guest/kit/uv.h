/* The part of libuv that the addon uses; Node exports its functions and keeps their ABI within a major version of
 * libuv. */
#ifndef KTSTR_UV_H
#define KTSTR_UV_H

#include <stddef.h>

typedef struct uv_loop_s uv_loop_t;
typedef struct uv_handle_s uv_handle_t;
typedef void (*uv_poll_cb)(uv_handle_t *handle, int status, int events);

enum { UV_POLL = 8 };     /* uv_handle_type */
enum { UV_READABLE = 1 }; /* uv_poll_event */

size_t uv_handle_size(int type);
int uv_poll_init(uv_loop_t *loop, uv_handle_t *handle, int fd);
int uv_poll_start(uv_handle_t *handle, int events, uv_poll_cb callback);
void uv_unref(uv_handle_t *handle);
void uv_handle_set_data(uv_handle_t *handle, void *data);
void *uv_handle_get_data(const uv_handle_t *handle);

#endif
