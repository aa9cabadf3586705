import type { Kernel } from '../kernel/kernel';

/** BPF programs and trampolines, which the kernel compiles as they are loaded and names in a list of its own (kernel/bpf/core.c). */
const LIST = 'bpf_kallsyms';
/** Where modules and compiled programs are: arch/x86/include/asm/pgtable_64_types.h, MODULES_VADDR. */
const MODULES_START = 0xffff_ffff_a000_0000n;

/** Name of the BPF program at an address, e.g. `bpf_prog_1f2e_ktstr_enqueue+0x4c`; null where there is none. */
export function bpfNameAt(kernel: Kernel, address: bigint): string | null {
  const head = address < MODULES_START ? undefined : kernel.symbols.find(LIST);
  if (head === undefined) return null;
  for (const symbol of kernel.list(head, 'bpf_ksym', 'lnode')) {
    const start = symbol.get('start').big();
    if (address >= start && address < symbol.get('end').big())
      return `${symbol.get('name').text()}+0x${(address - start).toString(16)}`;
  }
  return null;
}
