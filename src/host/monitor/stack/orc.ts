import type { Kernel } from '../kernel/kernel';
import { savedRegisters } from './frame-pointers';
import type { StackState } from './unwind';

/**
 * ORC tables (Documentation/arch/x86/orc-unwinder.rst): for every address of the kernel's text, how to find the caller's stack pointer. One
 * table holds the addresses, as distances from their own places, in order; the other one the entries: two offsets and 16 bits with the base
 * registers of stack and frame pointer and the kind of the frame (arch/x86/include/asm/orc_types.h, from 6.4 on).
 */
const ENTRY_BYTES = 6;
const ADDRESS_BYTES = 4;
const WORD_BYTES = 8n;
const MAX_ENTRIES = 4_000_000;

const REG = { undefined: 0, prevSp: 1, bp: 4, sp: 5, bpIndirect: 8, spIndirect: 9 } as const;
const TYPE = { call: 2, registers: 3, partialRegisters: 4 } as const;
/** Where ip and sp lie in what an interrupt pushes: ip, cs, flags, sp, ss. */
const IRET_SP = 24n;

interface OrcEntry {
  spOffset: bigint;
  bpOffset: bigint;
  spReg: number;
  bpReg: number;
  type: number;
}

/** The tables of a kernel; modules have their own, and BPF programs none. */
export class OrcTables {
  readonly #kernel: Kernel;
  readonly #start: bigint;
  readonly #distances: Int32Array;
  readonly #entries: Buffer;

  /** Null for a kernel without. @throws HarnessError `guest-memory` */
  static find(kernel: Kernel): OrcTables | null {
    const { symbols } = kernel;
    const [start, stop, entries] = ['__start_orc_unwind_ip', '__stop_orc_unwind_ip', '__start_orc_unwind'].map((name) =>
      symbols.find(name),
    );
    if (start === undefined || stop === undefined || entries === undefined) return null;
    const count = Number(stop - start) / ADDRESS_BYTES;
    if (!Number.isInteger(count) || count <= 0 || count > MAX_ENTRIES) return null;
    return new OrcTables(kernel, { start, entries, count });
  }

  private constructor(kernel: Kernel, { start, entries, count }: { start: bigint; entries: bigint; count: number }) {
    this.#kernel = kernel;
    this.#start = start;
    const addresses = kernel.memory.read(start, count * ADDRESS_BYTES);
    this.#distances = new Int32Array(addresses.buffer, addresses.byteOffset, count);
    this.#entries = kernel.memory.read(entries, count * ENTRY_BYTES);
  }

  /** The caller of a frame; null at the end of the stack and where there is no entry. @throws HarnessError `guest-memory` */
  step(state: StackState): StackState | null {
    const entry = this.#entryAt(state.isReturn ? state.ip - 1n : state.ip);
    const base = entry && this.#base(entry, state);
    if (entry === null || base === null) return null;
    switch (entry.type) {
      case TYPE.call: {
        const ip = this.#kernel.memory.readU64(base - WORD_BYTES);
        return { ip, sp: base, bp: this.#framePointer(entry, { state, base }), isReturn: true };
      }
      case TYPE.registers:
        return savedRegisters(this.#kernel, base);
      case TYPE.partialRegisters: {
        const { memory } = this.#kernel;
        return { ip: memory.readU64(base), sp: memory.readU64(base + IRET_SP), bp: state.bp, isReturn: false };
      }
      default:
        return null;
    }
  }

  /** The caller's stack pointer, or where registers are saved. */
  #base({ spReg, spOffset }: OrcEntry, { sp, bp }: StackState): bigint | null {
    switch (spReg) {
      case REG.sp:
        return sp + spOffset;
      case REG.bp:
        return bp + spOffset;
      case REG.spIndirect:
        return this.#kernel.memory.readU64(sp) + spOffset;
      case REG.bpIndirect:
        return this.#kernel.memory.readU64(bp + spOffset);
      default:
        return null;
    }
  }

  #framePointer({ bpReg, bpOffset }: OrcEntry, { state, base }: { state: StackState; base: bigint }): bigint {
    if (bpReg === REG.prevSp) return this.#kernel.memory.readU64(base + bpOffset);
    if (bpReg === REG.bp) return this.#kernel.memory.readU64(state.bp + bpOffset);
    return state.bp;
  }

  /** The last entry at or below an address. */
  #entryAt(ip: bigint): OrcEntry | null {
    let low = 0;
    let high = this.#distances.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.#addressOf(middle) <= ip) low = middle + 1;
      else high = middle;
    }
    if (low === 0) return null;
    const at = (low - 1) * ENTRY_BYTES;
    const bits = this.#entries.readUInt16LE(at + 4);
    return {
      spOffset: BigInt(this.#entries.readInt16LE(at)),
      bpOffset: BigInt(this.#entries.readInt16LE(at + 2)),
      spReg: bits & 0xf,
      bpReg: (bits >> 4) & 0xf,
      type: (bits >> 8) & 0x7,
    };
  }

  #addressOf(index: number): bigint {
    return this.#start + BigInt(index * ADDRESS_BYTES) + BigInt(this.#distances[index] ?? 0);
  }
}
