import { HarnessError } from '../../../errors';
import type { Btf } from '../btf/btf';
import { member } from '../btf/layout';
import { parseBtf } from '../btf/parse-btf';
import type { GuestMemory } from '../guest-memory';
import type { KernelMemory } from '../memory/kernel-memory';
import type { KernelSymbols } from '../symbols/kernel-symbols';
import { locateKernel } from '../symbols/locate-kernel';
import type { Vmcoreinfo } from '../symbols/vmcoreinfo';
import { KernelObject } from './kernel-object';

/** BTF of the largest kernels is 8 MB. */
const MAX_BTF_BYTES = 64 * 1024 * 1024;
const MAX_CPUS = 8192;
const POINTER_BYTES = 8;
const NS_PER_S = 1e9;
/** Objects that one list is walked for: as many tasks as the kernel gives pids by default. */
export const MAX_LIST = 32_768;

/** A booted kernel as seen from outside: its memory with symbols and types, of which nothing comes from a file. */
export class Kernel {
  readonly memory: KernelMemory;
  readonly symbols: KernelSymbols;
  readonly btf: Btf;
  /** As `uname -r` prints it; null where nobody told. */
  readonly release: string | null;
  readonly readOnly = 'it belongs to the kernel';

  constructor(parts: { memory: KernelMemory; symbols: KernelSymbols; btf: Btf; release?: string }) {
    this.memory = parts.memory;
    this.symbols = parts.symbols;
    this.btf = parts.btf;
    this.release = parts.release ?? null;
  }

  /** @throws HarnessError `decode`, `guest-memory`, `symbol-unknown` */
  static locate(physical: GuestMemory, info: Vmcoreinfo): Kernel {
    const { memory, symbols } = locateKernel(physical, info);
    const start = symbols.need('__start_BTF');
    const bytes = Number(symbols.need('__stop_BTF') - start);
    if (bytes <= 0 || bytes > MAX_BTF_BYTES)
      throw new HarnessError('decode', { what: 'BTF of the kernel', at: '__start_BTF', problem: `${bytes} bytes` });
    return new Kernel({ memory, symbols, btf: parseBtf(memory.read(start, bytes)), release: info.release });
  }

  /** CPUs that the kernel has made room for. */
  get cpuCount(): number {
    const count = this.memory.readU32(this.symbols.need('nr_cpu_ids'));
    if (count > 0 && count <= MAX_CPUS) return count;
    throw new HarnessError('decode', { what: 'nr_cpu_ids', at: 'nr_cpu_ids', problem: `${count} CPUs` });
  }

  /** Ticks a second (CONFIG_HZ), from the length of one; null for a kernel that keeps it elsewhere. */
  get hz(): number | null {
    const address = this.symbols.find('tick_nsec');
    const ns = address === undefined ? 0n : this.memory.readU64(address);
    return ns === 0n ? null : Math.round(NS_PER_S / Number(ns));
  }

  /** @param struct name of a struct, a union or a typedef of one */
  object(struct: string, address: bigint): KernelObject {
    return new KernelObject(this, { address, type: this.btf.struct(struct).id });
  }

  /** A variable of the kernel whose type, which BTF does not tell, is known to the caller. */
  global(symbol: string, struct: string): KernelObject {
    return this.object(struct, this.symbols.need(symbol));
  }

  /** What a variable of the kernel that is a pointer points to; null when it is null, or this kernel has none. */
  pointed(symbol: string, struct: string): KernelObject | null {
    const address = this.symbols.find(symbol);
    const target = address === undefined ? 0n : this.memory.readU64(address);
    return target === 0n ? null : this.object(struct, target);
  }

  /** One CPU's copy of a per-CPU variable. */
  perCpu(symbol: string, cpu: number): KernelObject {
    const variable = this.btf.variable(symbol);
    return new KernelObject(this, { address: this.symbols.need(symbol) + this.perCpuBase(cpu), type: variable.type });
  }

  perCpuBase(cpu: number): bigint {
    if (!Number.isInteger(cpu) || cpu < 0 || cpu >= this.cpuCount)
      throw new RangeError(`CPU ${cpu}: there are ${this.cpuCount}`);
    return this.memory.readU64(this.symbols.need('__per_cpu_offset') + BigInt(cpu * POINTER_BYTES));
  }

  /**
   * The objects of a doubly linked list (struct list_head), in order. A list that is being changed may lead astray: the walk ends at the
   * first entry that it has seen, that lies nowhere, or that is one too many.
   * @param link path of the list_head in each object
   */
  *list(head: bigint, struct: string, link: string): Generator<KernelObject> {
    const type = this.btf.struct(struct).id;
    const offset = BigInt(member(this.btf, type, link).offsetBytes);
    const seen = new Set<bigint>([head]);
    for (let at = this.memory.readU64(head); !seen.has(at) && seen.size <= MAX_LIST; at = this.memory.readU64(at)) {
      if (this.memory.translate(at) === null) return;
      seen.add(at);
      yield new KernelObject(this, { address: at - offset, type });
    }
  }
}
