import { MONITOR_ABI, MONITOR_STRUCTURES } from './monitor-layout';
import { openLibrary, type NativeFunction } from './open-library';

/** The functions of native/abi/monitor.h. `samplerDestroy` waits for a thread and is called off the main thread. */
export interface MonitorLibrary {
  create: NativeFunction;
  destroy: NativeFunction;
  read: NativeFunction;
  readPhysical: NativeFunction;
  translate: NativeFunction;
  execute: NativeFunction;
  samplerStart: NativeFunction;
  samplerDrain: NativeFunction;
  samplerInfo: NativeFunction;
  samplerStop: NativeFunction;
  samplerDestroy: NativeFunction;
}

let library: Promise<MonitorLibrary> | undefined;

/** The library, loaded once per process. @throws {HarnessError} `native-library` */
export function monitorLibrary(): Promise<MonitorLibrary> {
  library ??= load();
  return library;
}

async function load(): Promise<MonitorLibrary> {
  const { func, types, pointer, out } = await openLibrary({
    file: 'host/libktstr_monitor.so',
    prefix: 'monitor',
    abi: MONITOR_ABI,
    structures: MONITOR_STRUCTURES,
  });
  const error = out(types.monitor_error);
  const monitor = 'void *';
  const sampler = 'void *';
  const bytes = 'void *';
  const read = ['uint64_t', bytes, 'uint64_t'];
  const plan = [bytes, 'uint64_t'];
  return {
    create: func('monitor_create', 'int', [pointer(types.monitor_config), bytes, bytes, out(monitor), error]),
    destroy: func('monitor_destroy', 'void', [monitor]),
    read: func('monitor_read', 'int', [monitor, ...read]),
    readPhysical: func('monitor_read_physical', 'int', [monitor, ...read]),
    translate: func('monitor_translate', 'int', [monitor, 'uint64_t', out('uint64_t')]),
    execute: func('monitor_execute', 'int', [monitor, ...plan, bytes, 'uint64_t', error]),
    samplerStart: func('monitor_sampler_start', 'int', [monitor, ...plan, 'uint32_t', 'uint32_t', out(sampler), error]),
    samplerDrain: func('monitor_sampler_drain', 'uint32_t', [sampler, bytes, 'uint64_t']),
    samplerInfo: func('monitor_sampler_info', 'void', [sampler, out(types.monitor_info)]),
    samplerStop: func('monitor_sampler_stop', 'void', [sampler]),
    samplerDestroy: func('monitor_sampler_destroy', 'void', [sampler]),
  };
}
