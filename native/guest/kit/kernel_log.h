#ifndef KTSTR_KIT_KERNEL_LOG_H
#define KTSTR_KIT_KERNEL_LOG_H

#include "napi.h"

/*
 * watchKernelLog(onReadable): opens /dev/kmsg behind its last record and calls back whenever there are further ones.
 * Returns the descriptor, from which each read takes one record. The watch lasts as long as the process, and does not
 * keep it alive. Throws an Error with the code `open`.
 */
napi_value watch_kernel_log(napi_env env, napi_callback_info info);

#endif
