import type { GuestMemory } from '../guest-memory';
import { KernelMemory } from '../memory/kernel-memory';
import type { PageTables } from '../memory/page-tables';
import { HarnessError } from '../../../errors';
import { readKallsyms, tableAt } from './kallsyms';
import { KernelSymbols } from './kernel-symbols';
import type { Vmcoreinfo } from './vmcoreinfo';

/** Where the kernel's image is linked to: __START_KERNEL_map of arch/x86/include/asm/page_64_types.h. */
export const IMAGE_BASE = 0xffff_ffff_8000_0000n;

/** Memory and symbols of one booted kernel. */
export interface LocatedKernel {
  memory: KernelMemory;
  symbols: KernelSymbols;
}

/** Reads a booted kernel's symbols out of its memory. @throws {HarnessError} `decode`, `guest-memory` */
export function locateKernel(physical: GuestMemory, info: Vmcoreinfo): LocatedKernel {
  const memory = kernelMemory(physical, info);
  const kallsyms = readKallsyms(memory, info.symbols);
  const base = memory.readU64(tableAt(info.symbols, 'relative_base'));
  return { memory, symbols: new KernelSymbols(kallsyms, base) };
}

/** The kernel's virtual memory. @throws {HarnessError} `decode` */
export function kernelMemory(physical: GuestMemory, info: Vmcoreinfo): KernelMemory {
  return new KernelMemory(physical, tablesOf(info));
}

/** Its page tables. @throws {HarnessError} `decode` */
export function tablesOf(info: Vmcoreinfo): PageTables {
  const root = info.symbols.get('swapper_pg_dir');
  if (root === undefined)
    throw new HarnessError('decode', {
      what: 'VMCOREINFO',
      at: info.release,
      problem: 'there is no SYMBOL(swapper_pg_dir)',
    });
  const rootGpa = Number(root - IMAGE_BASE + info.physBase);
  return { rootGpa, levels: info.hasFiveLevels ? 5 : 4 };
}
