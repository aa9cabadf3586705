import type * as koffiModule from 'koffi';
import type { TypeObject } from 'koffi';

import { HarnessError } from '../../errors';
import { nativeProgram } from '../../package-root';
import { layoutDifference, VMM_ABI, VMM_STRUCTURES, type FieldType, type LayoutLine } from './vmm-layout';

const LIBRARY = 'host/libktstr_vmm.so';
/** Names another build of the library, such as the one of `make -C native sanitize`. */
const LIBRARY_VARIABLE = 'VMM_LIBRARY';
/** Size of the two names in `struct vmm_layout`. */
const NAME_CHARS = 24;

type Structure = keyof typeof VMM_STRUCTURES;

// What a function takes and gives is stated where it is called; koffi's types do not know of out parameters.
export interface NativeFunction {
  (...parameters: unknown[]): unknown;
  /** Runs on another thread; the last parameter is called with the result. */
  async(...parameters: unknown[]): void;
}

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

/** The library, loaded once per process. Types are anonymous: named ones belong to the process. @throws {HarnessError} `vmm-library` */
export function vmmLibrary(): Promise<VmmLibrary> {
  library ??= load();
  return library;
}

type Koffi = typeof koffiModule;

async function load(): Promise<VmmLibrary> {
  const path = process.env[LIBRARY_VARIABLE] ?? nativeProgram(LIBRARY);
  const koffi = await loadKoffi();
  const opened = koffi.load(path);
  const types = structureTypes(koffi);
  checkLibrary(koffi, { path, opened, types });
  const into = (structure: Structure): TypeObject => pointerOut(koffi, types[structure]);
  const error = into('vmm_error');
  const machine = 'void *';
  const made = pointerOut(koffi, machine);
  return {
    create: opened.func('vmm_create', 'int', [koffi.pointer(types.vmm_config), 'str', made, error]),
    place: opened.func('vmm_place', 'int', [machine, 'uint32_t', 'int32_t', 'uint32_t', error]),
    start: opened.func('vmm_start', 'int', [machine, error]),
    pause: opened.func('vmm_pause', 'int', [machine, 'uint32_t', error]),
    resume: opened.func('vmm_resume', 'void', [machine]),
    stop: opened.func('vmm_stop', 'void', [machine]),
    destroy: opened.func('vmm_destroy', 'void', [machine]),
    info: opened.func('vmm_info', 'void', [machine, into('vmm_info')]),
    registers: opened.func('vmm_registers', 'int', [machine, 'uint32_t', into('vmm_registers'), error]),
    read: opened.func('vmm_read', 'int', [machine, 'uint64_t', machine, 'uint64_t']),
    write: opened.func('vmm_write', 'int', [machine, 'uint64_t', machine, 'uint64_t']),
    rangeAt: opened.func('vmm_range_at', 'int', [machine, 'uint32_t', into('vmm_range')]),
    thread: opened.func('vmm_thread', 'int32_t', [machine, 'uint32_t']),
    stats: opened.func('vmm_stats', 'int', [machine, 'uint32_t', error]),
    watch: opened.func('vmm_watch', 'int', [machine, 'uint32_t', 'uint64_t', 'uint32_t', 'uint32_t', error]),
  };
}

/** A CommonJS package: depending on who compiled this file, its exports come directly or as the default. */
async function loadKoffi(): Promise<Koffi> {
  const loaded = await import('koffi');
  return (loaded as unknown as { default?: Koffi }).default ?? loaded;
}

/** koffi's types tell a marked pointer from a plain one, its functions do not. */
function pointerOut(koffi: Koffi, type: TypeObject | string): TypeObject {
  return koffi.out(koffi.pointer(type)) as unknown as TypeObject;
}

function structureTypes(koffi: Koffi): Record<Structure, TypeObject> {
  const typeOf = (type: FieldType): TypeObject | string =>
    typeof type === 'string' ? type : koffi.array('char', type.chars, 'String');
  const make = (fields: Record<string, FieldType>): TypeObject =>
    koffi.struct(Object.fromEntries(Object.entries(fields).map(([name, type]) => [name, typeOf(type)])));
  return {
    vmm_config: make(VMM_STRUCTURES.vmm_config),
    vmm_error: make(VMM_STRUCTURES.vmm_error),
    vmm_info: make(VMM_STRUCTURES.vmm_info),
    vmm_registers: make(VMM_STRUCTURES.vmm_registers),
    vmm_range: make(VMM_STRUCTURES.vmm_range),
    vmm_hit: make(VMM_STRUCTURES.vmm_hit),
  };
}

interface Opened {
  path: string;
  opened: ReturnType<Koffi['load']>;
  types: Record<Structure, TypeObject>;
}

function checkLibrary(koffi: Koffi, { path, opened, types }: Opened): void {
  const abi = Number((opened.func('vmm_abi', 'uint32_t', []) as () => number)());
  const refuse = (reason: string): HarnessError => new HarnessError('vmm-library', { path, reason });
  if (abi !== VMM_ABI) throw refuse(`its ABI is ${abi}, needed is ${VMM_ABI}`);
  const difference = layoutDifference(libraryLines(koffi, opened), ownLines(koffi, types));
  if (difference !== null) throw refuse(difference);
}

function libraryLines(koffi: Koffi, opened: Opened['opened']): LayoutLine[] {
  const name = koffi.array('char', NAME_CHARS, 'String');
  const line = koffi.struct({ structure: name, field: name, offset: 'uint32_t', size: 'uint32_t' });
  const layoutAt = opened.func('vmm_layout_at', 'int', ['uint32_t', pointerOut(koffi, line)]);
  const lines: LayoutLine[] = [];
  for (;;) {
    const found = {} as LayoutLine;
    if ((layoutAt as (index: number, out: object) => number)(lines.length, found) !== 0) return lines;
    lines.push(found);
  }
}

function ownLines(koffi: Koffi, types: Record<Structure, TypeObject>): LayoutLine[] {
  return (Object.keys(VMM_STRUCTURES) as Structure[]).flatMap((structure) =>
    Object.entries(VMM_STRUCTURES[structure] as Record<string, FieldType>).map(([field, type]) => ({
      structure,
      field,
      offset: koffi.offsetof(types[structure], field),
      size: typeof type === 'string' ? koffi.sizeof(type) : type.chars,
    })),
  );
}
