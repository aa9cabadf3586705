import { openLibrary, type NativeFunction } from './open-library';
import { VMM_ABI, VMM_STRUCTURES } from './vmm-layout';

/** The functions of native/abi/vmm.h. `create`, `pause` and `destroy` take their time and are called off the main thread. */
export interface VmmLibrary {
  create: NativeFunction;
  place: NativeFunction;
  start: NativeFunction;
  pause: NativeFunction;
  resume: NativeFunction;
  stop: NativeFunction;
  destroy: NativeFunction;
  info: NativeFunction;
  registers: NativeFunction;
  read: NativeFunction;
  write: NativeFunction;
  rangeAt: NativeFunction;
  thread: NativeFunction;
  stats: NativeFunction;
  watch: NativeFunction;
}

let library: Promise<VmmLibrary> | undefined;

/** The library, loaded once per process. @throws {HarnessError} `native-library` */
export function vmmLibrary(): Promise<VmmLibrary> {
  library ??= load();
  return library;
}

async function load(): Promise<VmmLibrary> {
  const { func, types, pointer, out } = await openLibrary({
    file: 'host/libktstr_vmm.so',
    prefix: 'vmm',
    abi: VMM_ABI,
    structures: VMM_STRUCTURES,
  });
  const error = out(types.vmm_error);
  const machine = 'void *';
  return {
    create: func('vmm_create', 'int', [pointer(types.vmm_config), pointer(types.vmm_node), 'str', out(machine), error]),
    place: func('vmm_place', 'int', [machine, 'uint32_t', 'int32_t', 'uint32_t', error]),
    start: func('vmm_start', 'int', [machine, error]),
    pause: func('vmm_pause', 'int', [machine, 'uint32_t', error]),
    resume: func('vmm_resume', 'void', [machine]),
    stop: func('vmm_stop', 'void', [machine]),
    destroy: func('vmm_destroy', 'void', [machine]),
    info: func('vmm_info', 'void', [machine, out(types.vmm_info)]),
    registers: func('vmm_registers', 'int', [machine, 'uint32_t', out(types.vmm_registers), error]),
    read: func('vmm_read', 'int', [machine, 'uint64_t', machine, 'uint64_t']),
    write: func('vmm_write', 'int', [machine, 'uint64_t', machine, 'uint64_t']),
    rangeAt: func('vmm_range_at', 'int', [machine, 'uint32_t', out(types.vmm_range)]),
    thread: func('vmm_thread', 'int32_t', [machine, 'uint32_t']),
    stats: func('vmm_stats', 'int', [machine, 'uint32_t', error]),
    watch: func('vmm_watch', 'int', [machine, 'uint32_t', 'uint64_t', 'uint32_t', 'uint32_t', error]),
  };
}
