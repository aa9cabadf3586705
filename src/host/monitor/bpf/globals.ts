import type { Kernel } from '../kernel/kernel';
import type { KernelObject } from '../kernel/kernel-object';
import type { BpfMap, BpfVariable } from './bpf-map';
import { maps } from './maps';
import { onlyOne } from './only-one';

/** A global variable of a BPF program. */
export interface BpfGlobal extends BpfVariable {
  /** Which holds it: a program has one for each of its sections, such as `.bss`, `.data` and `.rodata`. */
  map: BpfMap;
}

/** The global variables of all BPF programs of a guest. */
export function globals(kernel: Kernel): BpfGlobal[] {
  return globalsOf(maps(kernel));
}

/** Those that these maps hold. */
export function globalsOf(all: readonly BpfMap[]): BpfGlobal[] {
  return all.flatMap((map) => map.variables().map((variable) => ({ ...variable, map })));
}

/**
 * A global variable of a BPF program, such as a switch or a counter of a scheduler.
 * @throws HarnessError `bpf-unknown` with what there is when it is none, or several
 */
export function global(kernel: Kernel, name: string): KernelObject {
  const found = onlyOne(globals(kernel), {
    what: 'global variable',
    wanted: name,
    nameOf: (variable) => variable.name,
    tell: ({ map: { facts } }) => `that of map ${facts.name} (id ${facts.id})`,
    remedy: 'ask one of their maps',
  });
  return found.object;
}
