/*
 * The part of Node-API that the addon uses (nodejs/node: src/js_native_api.h). Its ABI is stable, so it is declared
 * here and the build needs no headers of Node.
 */
#ifndef KTSTR_NAPI_H
#define KTSTR_NAPI_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct napi_env__ *napi_env;
typedef struct napi_value__ *napi_value;
typedef struct napi_callback_info__ *napi_callback_info;
typedef napi_value (*napi_callback)(napi_env env, napi_callback_info info);
typedef struct napi_ref__ *napi_ref;
typedef struct napi_handle_scope__ *napi_handle_scope;
typedef struct napi_async_context__ *napi_async_context;
struct uv_loop_s;
typedef int napi_status; /* 0 is napi_ok */

#define NAPI_AUTO_LENGTH SIZE_MAX

napi_status napi_create_function(napi_env env, const char *name, size_t length, napi_callback callback, void *data,
				 napi_value *result);
napi_status napi_set_named_property(napi_env env, napi_value object, const char *name, napi_value value);
napi_status napi_get_cb_info(napi_env env, napi_callback_info info, size_t *argc, napi_value *argv,
			     napi_value *receiver, void **data);
napi_status napi_get_value_int32(napi_env env, napi_value value, int32_t *result);
napi_status napi_create_int32(napi_env env, int32_t value, napi_value *result);
napi_status napi_get_boolean(napi_env env, bool value, napi_value *result);
napi_status napi_throw_error(napi_env env, const char *code, const char *message);
napi_status napi_throw_type_error(napi_env env, const char *code, const char *message);
napi_status napi_get_global(napi_env env, napi_value *result);
napi_status napi_create_reference(napi_env env, napi_value value, uint32_t initial_count, napi_ref *result);
napi_status napi_get_reference_value(napi_env env, napi_ref reference, napi_value *result);
napi_status napi_open_handle_scope(napi_env env, napi_handle_scope *result);
napi_status napi_close_handle_scope(napi_env env, napi_handle_scope scope);
napi_status napi_get_uv_event_loop(napi_env env, struct uv_loop_s **loop);
napi_status napi_make_callback(napi_env env, napi_async_context context, napi_value receiver, napi_value function,
			       size_t argc, const napi_value *argv, napi_value *result);
napi_status napi_get_and_clear_last_exception(napi_env env, napi_value *result);
napi_status napi_fatal_exception(napi_env env, napi_value error);

#endif
