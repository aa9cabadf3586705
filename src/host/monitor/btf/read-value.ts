import { HarnessError } from '../../../errors';
import { bitRange } from './bit-range';
import { type Btf, POINTER_BYTES } from './btf';
import type { ArrayType, BtfMember, BtfType, DatasecType, EnumType, IntType, StructType } from './model';
import { readBits, readInteger } from './read-integer';
import { typeName } from './type-name';
import type { ScalarValue, Value } from './value';

export interface ReadOptions {
  btf: Btf;
  /** The id of the type. */
  type: number;
  /** Structs and arrays within one another that are read. */
  maxDepth?: number;
  /** Elements of one array that are read. */
  maxElements?: number;
  /** Values of the whole tree. */
  maxValues?: number;
}

/** Chosen above what kernels nest (task_struct is 8 deep), below what a stack holds. */
const MAX_DEPTH = 24;
/** Chosen above the number of CPUs that a machine can have. */
const MAX_ELEMENTS = 256;
/** Chosen: a task_struct has some 1,000 values; a wrong blob could make them without end. */
const MAX_VALUES = 20_000;
const MAX_STRING_BYTES = 4096;
const MAX_INT_BYTES = 16;

/**
 * Reads an object of any type from its bytes.
 * @throws HarnessError `decode` when the bytes end before the object does, or the BTF is wrong
 */
export function readValue(bytes: Buffer, options: ReadOptions): Value {
  return new ValueReader(bytes, options).read(options.type, 0);
}

class ValueReader {
  readonly #bytes: Buffer;
  readonly #btf: Btf;
  readonly #maxDepth: number;
  readonly #maxElements: number;
  readonly #names = new Map<number, string>();
  #valuesLeft: number;
  #depth = 0;

  constructor(bytes: Buffer, options: ReadOptions) {
    this.#bytes = bytes;
    this.#btf = options.btf;
    this.#maxDepth = options.maxDepth ?? MAX_DEPTH;
    this.#maxElements = options.maxElements ?? MAX_ELEMENTS;
    this.#valuesLeft = options.maxValues ?? MAX_VALUES;
  }

  read(id: number, at: number): Value {
    this.#valuesLeft -= 1;
    const type = this.#btf.resolve(id);
    const name = this.#name(id);
    switch (type.kind) {
      case 'int':
        return this.#int(type, name, at);
      case 'enum':
      case 'enum64':
        return enumValue(type, name, this.#integer(type, at));
      case 'float':
        return this.#float(type.sizeBytes, name, at);
      case 'ptr':
        return { kind: 'ptr', type: name, value: this.#pointer(at), target: type.type };
      case 'array':
      case 'struct':
      case 'union':
      case 'datasec':
        return this.#nested(type, name, at);
      default:
        return { kind: 'opaque', type: name, reason: `a ${type.kind} has no value` };
    }
  }

  #int(type: IntType, name: string, at: number): Value {
    if (type.sizeBytes === 0 || type.sizeBytes > MAX_INT_BYTES) {
      return { kind: 'opaque', type: name, reason: `an int of ${type.sizeBytes} bytes` };
    }
    const value = this.#integer(type, at);
    if (isChar(type)) return { kind: 'char', type: name, value: Number(BigInt.asUintN(8, value)) };
    return intValue(type, name, { value, bits: type.sizeBytes * 8, isBitfield: false });
  }

  #float(sizeBytes: number, name: string, at: number): Value {
    this.#need(at, sizeBytes);
    if (sizeBytes === 4) return { kind: 'float', type: name, value: this.#bytes.readFloatLE(at) };
    if (sizeBytes === 8) return { kind: 'float', type: name, value: this.#bytes.readDoubleLE(at) };
    return { kind: 'opaque', type: name, reason: `a floating-point number of ${sizeBytes} bytes` };
  }

  #nested(type: ArrayType | StructType | DatasecType, name: string, at: number): Value {
    if (this.#depth >= this.#maxDepth) {
      return { kind: 'opaque', type: name, reason: `more than ${this.#maxDepth} levels deep` };
    }
    this.#depth += 1;
    const value = this.#inside(type, name, at);
    this.#depth -= 1;
    return value;
  }

  #inside(type: ArrayType | StructType | DatasecType, name: string, at: number): Value {
    if (type.kind === 'array') return this.#array(type, name, at);
    return type.kind === 'datasec' ? this.#section(type, name, at) : this.#struct(type, name, at);
  }

  #array(type: ArrayType, name: string, at: number): Value {
    const element = this.#btf.resolve(type.type);
    if (element.kind === 'int' && isChar(element)) {
      this.#need(at, type.length);
      const text = this.#bytes.subarray(at, at + Math.min(type.length, MAX_STRING_BYTES));
      const end = text.indexOf(0);
      return { kind: 'string', type: name, value: text.toString('utf8', 0, end === -1 ? text.length : end) };
    }
    const elements: Value[] = [];
    const count = Math.min(type.length, this.#maxElements);
    const sizeBytes = count === 0 ? 0 : this.#btf.sizeOf(type.type);
    this.#need(at, sizeBytes * type.length);
    while (elements.length < count && this.#valuesLeft > 0) {
      elements.push(this.read(type.type, at + elements.length * sizeBytes));
    }
    return { kind: 'array', type: name, elements, omitted: type.length - elements.length };
  }

  #struct(type: StructType, name: string, at: number): Value {
    this.#need(at, type.sizeBytes);
    const members: { name: string; value: Value }[] = [];
    for (const member of type.members) {
      if (this.#valuesLeft <= 0) break;
      members.push({ name: member.name, value: this.#member(member, at) });
    }
    return { kind: type.kind, type: name, members, omitted: type.members.length - members.length };
  }

  /** The variables of a BPF program, which read like the members of a struct. */
  #section(type: DatasecType, name: string, at: number): Value {
    this.#need(at, type.sizeBytes);
    const variables = this.#btf.variablesOf(type);
    const members: { name: string; value: Value }[] = [];
    for (const variable of variables) {
      if (this.#valuesLeft <= 0) break;
      members.push({ name: variable.name, value: this.read(variable.type, at + variable.offset) });
    }
    return { kind: 'struct', type: name, members, omitted: variables.length - members.length };
  }

  #member(member: BtfMember, at: number): Value {
    const { bitOffset, bitSize } = bitRange(this.#btf, member);
    if (bitSize !== null) return this.#bitfield(member.type, at * 8 + bitOffset, bitSize);
    // Only bitfields start within a byte.
    return this.read(member.type, at + Math.floor(bitOffset / 8));
  }

  #bitfield(id: number, atBit: number, bits: number): Value {
    this.#valuesLeft -= 1;
    const type = this.#btf.resolve(id);
    const name = this.#name(id);
    const isInteger = type.kind === 'int' || type.kind === 'enum' || type.kind === 'enum64';
    if (!isInteger) return { kind: 'opaque', type: name, reason: `a bitfield of kind ${type.kind}` };
    this.#need(Math.floor(atBit / 8), Math.ceil(((atBit % 8) + bits) / 8));
    const raw = readBits(this.#bytes, atBit, bits);
    const value = type.isSigned ? BigInt.asIntN(bits, raw) : raw;
    return type.kind === 'int' ? intValue(type, name, { value, bits, isBitfield: true }) : enumValue(type, name, value);
  }

  #integer({ sizeBytes, isSigned }: IntType | EnumType, at: number): bigint {
    this.#need(at, sizeBytes);
    const value = readInteger(this.#bytes, at, sizeBytes);
    return isSigned ? BigInt.asIntN(sizeBytes * 8, value) : value;
  }

  #pointer(at: number): bigint {
    this.#need(at, POINTER_BYTES);
    return this.#bytes.readBigUInt64LE(at);
  }

  #need(at: number, length: number): void {
    if (at + length <= this.#bytes.length) return;
    const problem = `${length} bytes are needed, and there are ${Math.max(0, this.#bytes.length - at)}`;
    throw new HarnessError('decode', { what: 'a value', at: `byte ${at}`, problem });
  }

  #name(id: number): string {
    const known = this.#names.get(id) ?? typeName(this.#btf, id);
    this.#names.set(id, known);
    return known;
  }
}

/** Not every compiler marks the encoding; `unsigned char` and `signed char` are numbers. */
function isChar(type: BtfType & IntType): boolean {
  return type.sizeBytes === 1 && (type.encoding === 'char' || type.name === 'char');
}

function intValue(
  type: IntType,
  name: string,
  { value, bits, isBitfield }: { value: bigint; bits: number; isBitfield: boolean },
): ScalarValue {
  if (type.encoding === 'bool') return { kind: 'bool', type: name, value: value !== 0n };
  const number = bits <= 32 ? Number(value) : value;
  return isBitfield
    ? { kind: 'bitfield', type: name, value: number, bits }
    : { kind: 'int', type: name, value: number };
}

function enumValue(type: EnumType, name: string, value: bigint): ScalarValue {
  return { kind: 'enum', type: name, value, name: type.values.find((entry) => entry.value === value)?.name ?? null };
}
