import { promisify } from 'node:util';
import type * as koffiModule from 'koffi';
import type { TypeObject } from 'koffi';

import { HarnessError } from '../../errors';
import { nativeProgram } from '../../package-root';
import { layoutDifference, layoutLines, type FieldType, type LayoutLine, type Structures } from './structure-layout';

/** Size of the two names in `struct vmm_layout` and `struct monitor_layout`. */
const NAME_CHARS = 24;

// What a function takes and gives is stated where it is called; koffi's types do not know of out parameters.
export interface NativeFunction {
  (...parameters: unknown[]): unknown;
  /** Runs on another thread; the last parameter is called with the result. */
  async(...parameters: unknown[]): void;
}

/** A library of native/, and what its header in native/abi says of it. */
export interface LibraryHeader<S extends Structures> {
  /** Below native/build. */
  file: string;
  /** Of its functions: `<prefix>_abi` and `<prefix>_layout_at` are there in each library. */
  prefix: string;
  abi: number;
  structures: S;
}

export type NativeType = TypeObject | string;

export interface OpenLibrary<S extends Structures> {
  func(name: string, result: string, parameters: readonly NativeType[]): NativeFunction;
  /** Types are anonymous: named ones belong to the process. */
  types: Record<keyof S, TypeObject>;
  pointer(type: NativeType): TypeObject;
  /** A pointer to what the function fills in. */
  out(type: NativeType): TypeObject;
}

type Koffi = typeof koffiModule;

/** Names another build of a library, such as the one of `make -C native sanitize`: `VMM_LIBRARY`. */
function libraryVariable(prefix: string): string {
  return `${prefix.toUpperCase()}_LIBRARY`;
}

/**
 * Opens a library and compares its own account of its structures with ours: that of koffi, which encodes some of them, and that of
 * `structureLayout`, by which others are encoded.
 *
 * @throws {HarnessError} `native-library` when it is of another ABI
 */
export async function openLibrary<S extends Structures>(header: LibraryHeader<S>): Promise<OpenLibrary<S>> {
  const path = process.env[libraryVariable(header.prefix)] ?? nativeProgram(header.file);
  const koffi = await loadKoffi();
  const opened = koffi.load(path);
  const types = structureTypes(koffi, header.structures);
  const library: OpenLibrary<S> = {
    func: (name, result, parameters) => opened.func(name, result, [...parameters]),
    types,
    pointer: (type) => koffi.pointer(type) as unknown as TypeObject,
    // koffi's types tell a marked pointer from a plain one, its functions do not.
    out: (type) => koffi.out(koffi.pointer(type)) as unknown as TypeObject,
  };
  const refuse = (reason: string): HarnessError => new HarnessError('native-library', { path, reason });
  const abi = Number(library.func(`${header.prefix}_abi`, 'uint32_t', [])());
  if (abi !== header.abi) throw refuse(`its ABI is ${abi}, needed is ${header.abi}`);
  const theirs = libraryLines(koffi, library, header.prefix);
  for (const ours of [koffiLines(koffi, header.structures, types), layoutLines(header.structures)]) {
    const difference = layoutDifference(theirs, ours);
    if (difference !== null) throw refuse(difference);
  }
  return library;
}

/** Calls a function that takes its time off the main thread. */
export function callAsync(call: NativeFunction, parameters: readonly unknown[]): Promise<unknown> {
  return promisify((done: (error: Error | null, result: unknown) => void) => call.async(...parameters, done))();
}

/** A CommonJS package: depending on who compiled this file, its exports come directly or as the default. */
async function loadKoffi(): Promise<Koffi> {
  const loaded = await import('koffi');
  return (loaded as unknown as { default?: Koffi }).default ?? loaded;
}

function structureTypes<S extends Structures>(koffi: Koffi, structures: S): Record<keyof S, TypeObject> {
  const types = Object.entries(structures).map(([name, fields]) => [
    name,
    koffi.struct(Object.fromEntries(Object.entries(fields).map(([field, type]) => [field, koffiType(koffi, type)]))),
  ]);
  return Object.fromEntries(types) as Record<keyof S, TypeObject>;
}

function koffiType(koffi: Koffi, type: FieldType): TypeObject | string {
  if (typeof type === 'string') return type;
  return 'chars' in type ? koffi.array('char', type.chars, 'String') : koffi.array('int64_t', type.int64s);
}

function libraryLines(koffi: Koffi, library: OpenLibrary<Structures>, prefix: string): LayoutLine[] {
  const name = koffi.array('char', NAME_CHARS, 'String');
  const line = koffi.struct({ structure: name, field: name, offset: 'uint32_t', size: 'uint32_t' });
  const layoutAt = library.func(`${prefix}_layout_at`, 'int', ['uint32_t', library.out(line)]);
  const lines: LayoutLine[] = [];
  for (;;) {
    const found = {} as LayoutLine;
    if (layoutAt(lines.length, found) !== 0) return lines;
    lines.push(found);
  }
}

function koffiLines<S extends Structures>(
  koffi: Koffi,
  structures: S,
  types: Record<keyof S, TypeObject>,
): LayoutLine[] {
  return Object.entries(structures).flatMap(([structure, fields]) =>
    Object.entries(fields).map(([field, type]) => ({
      structure,
      field,
      offset: koffi.offsetof(types[structure as keyof S], field),
      size: koffi.sizeof(koffiType(koffi, type)),
    })),
  );
}
