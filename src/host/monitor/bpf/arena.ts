import type { Kernel } from '../kernel/kernel';
import { mappedPages } from '../memory/page-tables';

/** GUARD_SZ of kernel/bpf/arena.c, of which half is in front: what the 16-bit offset of an instruction reaches. */
const GUARD_BYTES = 1n << 16n;
const ARENA_BYTES = 1n << 32n;

/** Memory that a BPF program shares with user space, up to 4 GiB of it. */
export class BpfArena {
  readonly #kernel: Kernel;
  /** Where user space has it; 0 before it was mapped there. */
  readonly userStart: bigint;
  readonly userEnd: bigint;
  /** Where the kernel has the address whose low 32 bits are 0. */
  readonly kernelStart: bigint;

  /** @param address of a struct bpf_arena */
  constructor(kernel: Kernel, address: bigint) {
    const arena = kernel.object('bpf_arena', address);
    this.#kernel = kernel;
    this.userStart = arena.get('user_vm_start').big();
    this.userEnd = arena.get('user_vm_end').big();
    this.kernelStart = arena.get('kern_vm.addr').big() + GUARD_BYTES / 2n;
  }

  /** Addresses, as user space and programs keep them, of the pages that were ever touched, ascending. */
  pages(): bigint[] {
    const { memory } = this.#kernel;
    const range = { start: this.kernelStart, end: this.kernelStart + ARENA_BYTES };
    // The kernel lets no arena cross a multiple of 4 GiB.
    const high = this.userStart - BigInt.asUintN(32, this.userStart);
    return [...mappedPages(memory.physical, memory.tables, range)].map((page) => high + page - this.kernelStart);
  }

  /** @param address in the arena, of which only the low 32 bits count. @throws HarnessError `guest-memory` for a page that nobody touched */
  read(address: bigint, length: number): Buffer {
    return this.#kernel.memory.read(this.kernelStart + BigInt.asUintN(32, address), length);
  }
}
