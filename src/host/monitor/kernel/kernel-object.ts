import { HarnessError } from '../../../errors';
import type { Btf } from '../btf/btf';
import { encodeValue, type Writable } from '../btf/encode-value';
import { type MemberLayout, member } from '../btf/layout';
import { pathSteps } from '../btf/member-path';
import { readValue } from '../btf/read-value';
import { typeName } from '../btf/type-name';
import type { Value } from '../btf/value';
import type { KernelMemory } from '../memory/kernel-memory';

/** Pointers that one path may follow. */
const MAX_HOPS = 16;
const MAX_INTEGER_BYTES = 8;

/** Where objects are read. */
export interface TypedMemory {
  memory: KernelMemory;
  btf: Btf;
  /** Why nothing may be written there; null where it may. */
  readOnly: string | null;
  /** The kernel, when the types are those of a BPF program: its pointers may lead there. */
  kernel?: TypedMemory;
}

/** Bytes for an address of the kernel. */
export interface PreparedWrite {
  address: bigint;
  data: Buffer;
}

/**
 * An object of the kernel: a type at an address. Members are read when they are asked for, so two reads of a running machine may see two
 * states of it.
 */
export class KernelObject {
  readonly address: bigint;
  /** BTF id. */
  readonly type: number;
  readonly #from: TypedMemory;
  /** Of a bitfield. */
  readonly #layout: MemberLayout | null;

  constructor(from: TypedMemory, { address, type, layout }: { address: bigint; type: number; layout?: MemberLayout }) {
    this.#from = from;
    this.address = address;
    this.type = type;
    this.#layout = layout ?? null;
  }

  /** Its type as C writes it. */
  get typeName(): string {
    return typeName(this.#from.btf, this.type);
  }

  /**
   * A member by its path, e.g. `scx.local_dsq.nr`; a pointer on the way is followed, so `curr.comm` is the name of the task that `curr` points to.
   * @throws HarnessError `btf-unknown` with the names there are, `guest-memory` behind a pointer that leads nowhere
   */
  get(path: string): KernelObject {
    let hops = 0;
    return pathSteps(path).reduce<KernelObject>((at, step) => {
      let owner = at;
      while (owner.#isPointer()) {
        if (++hops > MAX_HOPS) throw this.#refused(path, `it follows more than ${MAX_HOPS} pointers`);
        owner = owner.target();
      }
      return owner.#member(typeof step === 'number' ? `[${step}]` : step);
    }, this);
  }

  /** What a pointer points to. @throws HarnessError `guest-memory` for a null pointer, `btf-unknown` for what is no pointer */
  target(): KernelObject {
    const pointer = this.#from.btf.resolve(this.type);
    if (pointer.kind !== 'ptr')
      throw new HarnessError('btf-unknown', { what: `target of ${this.typeName}`, wanted: '*', available: [] });
    const address = this.#from.memory.readU64(this.address);
    if (address === 0n) throw this.#refused('the target', 'the pointer is null');
    return this.#kernelObject(address, pointer.type) ?? new KernelObject(this.#from, { address, type: pointer.type });
  }

  /** Of an integer, an enum or a bool of at most 8 bytes: how it lies there. Null for all else. */
  get integer(): { bytes: number; isSigned: boolean } | null {
    const type = this.#from.btf.resolve(this.type);
    if (this.#layout !== null || !('isSigned' in type) || type.sizeBytes > MAX_INTEGER_BYTES) return null;
    return { bytes: type.sizeBytes, isSigned: type.isSigned };
  }

  /** How many elements an array has; null for what is none. */
  get length(): number | null {
    const type = this.#from.btf.resolve(this.type);
    return type.kind === 'array' ? type.length : null;
  }

  /** The whole of it. */
  value(): Value {
    const { btf, memory } = this.#from;
    if (this.#layout !== null) return this.#bitfield(this.#layout);
    return readValue(memory.read(this.address, btf.sizeOf(this.type)), { btf, type: this.type });
  }

  /** Of an integer, an enum, a pointer or a bool. */
  big(): bigint {
    const value = this.value();
    switch (value.kind) {
      case 'int':
      case 'bitfield':
      case 'char':
      case 'enum':
      case 'ptr':
        return BigInt(value.value);
      case 'bool':
        return value.value ? 1n : 0n;
      default:
        throw this.#refused('a number', `${this.typeName} is none`);
    }
  }

  number(): number {
    return Number(this.big());
  }

  /** Of an array of characters, or of what a `char *` points to; at most 256 characters. */
  text(): string {
    if (this.#isPointer()) return this.#from.memory.readText(this.target().address, 256);
    const value = this.value();
    if (value.kind === 'string') return value.value;
    throw this.#refused('a text', `${this.typeName} is none`);
  }

  /** As it lies in memory. */
  bytes(): Buffer {
    return this.#from.memory.read(this.address, this.#from.btf.sizeOf(this.type));
  }

  /**
   * Writes it into the memory of the guest, which may run meanwhile.
   * @throws HarnessError `value-refused` for a value that its type does not hold, or where nothing may be written
   */
  set(value: Writable): void {
    const { address, data } = this.prepare(value);
    this.#from.memory.write(address, data);
  }

  /** What `set` would write. @throws HarnessError `value-refused` as `set` */
  prepare(value: Writable): PreparedWrite {
    const { btf, readOnly } = this.#from;
    const problem = this.#layout === null ? readOnly : 'a bitfield shares its bytes with others';
    if (problem !== null) {
      const shown = value instanceof Uint8Array ? `${value.length} bytes` : String(value);
      throw new HarnessError('value-refused', { value: shown, type: this.typeName, problem });
    }
    return { address: this.address, data: encodeValue(value, { btf, type: this.type }) };
  }

  /** What a BPF program says of a struct of the kernel need not be how this kernel lays it out. */
  #kernelObject(address: bigint, type: number): KernelObject | null {
    const { kernel, btf } = this.#from;
    const target = btf.resolve(type);
    if (kernel === undefined || !('name' in target)) return null;
    const own = kernel.btf.find('struct', target.name);
    return own === undefined ? null : new KernelObject(kernel, { address, type: own.id });
  }

  #isPointer(): boolean {
    return this.#from.btf.resolve(this.type).kind === 'ptr';
  }

  #member(step: string): KernelObject {
    const layout = member(this.#from.btf, this.type, step);
    const at = { address: this.address + BigInt(layout.offsetBytes), type: layout.type };
    return new KernelObject(this.#from, layout.bitSize === null ? at : { ...at, layout });
  }

  #bitfield({ sizeBytes, bitOffset, bitSize }: MemberLayout): Value {
    const bytes = this.#from.memory.read(this.address, sizeBytes);
    const raw = [...bytes].reduceRight((sum, byte) => (sum << 8n) | BigInt(byte), 0n) >> BigInt(bitOffset);
    const bits = bitSize ?? 0;
    return { kind: 'bitfield', type: this.typeName, value: BigInt.asUintN(bits, raw), bits };
  }

  #refused(action: string, problem: string): HarnessError {
    return new HarnessError('guest-memory', {
      action: `read ${action} of`,
      address: `0x${this.address.toString(16)}`,
      problem,
    });
  }
}
