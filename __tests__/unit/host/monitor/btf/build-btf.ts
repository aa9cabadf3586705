const MAGIC = 0xeb9f;
const HEADER_BYTES = 24;
const KIND_FLAG = 0x8000_0000;

/** Numbers of the kinds in Documentation/bpf/btf.rst, written anew here so that a wrong table in the sources is found. */
const KIND = {
  int: 1,
  ptr: 2,
  array: 3,
  struct: 4,
  union: 5,
  enum: 6,
  fwd: 7,
  typedef: 8,
  volatile: 9,
  const: 10,
  restrict: 11,
  func: 12,
  funcProto: 13,
  var: 14,
  datasec: 15,
  float: 16,
  declTag: 17,
  typeTag: 18,
  enum64: 19,
} as const;

export const SIGNED = 1;
export const CHAR = 2;
export const BOOL = 4;

export interface BuiltMember {
  name?: string;
  type: number;
  /** Bits from the start of the struct. */
  at: number;
  /** Bits of a bitfield. */
  width?: number;
}

/** Writes a blob record by record. Every method adds one type and returns its id; the first is 1, or the first behind the base. */
export class BtfBuilder {
  readonly #records: number[][] = [];
  readonly #strings: Buffer[];
  readonly #firstId: number;
  readonly #firstString: number;
  readonly #nameOffsets = new Map<string, number>();

  constructor(base?: BtfBuilder) {
    this.#firstId = base?.endId ?? 1;
    this.#firstString = base?.endOfStrings ?? 0;
    this.#strings = base ? [] : [Buffer.from('\0')];
  }

  get endId(): number {
    return this.#firstId + this.#records.length;
  }

  get endOfStrings(): number {
    return this.#firstString + Buffer.concat(this.#strings).length;
  }

  int(name: string, sizeBytes: number, how: { encoding?: number; bits?: number; bitOffset?: number } = {}): number {
    const { encoding = 0, bits = sizeBytes * 8, bitOffset = 0 } = how;
    return this.#add([KIND.int, name, sizeBytes], { extra: [(encoding << 24) | (bitOffset << 16) | bits] });
  }

  ptr(type: number): number {
    return this.#add([KIND.ptr, '', type]);
  }

  array(type: number, length: number): number {
    return this.#add([KIND.array, '', 0], { extra: [type, 0, length] });
  }

  struct(name: string, sizeBytes: number, members: readonly BuiltMember[]): number {
    return this.#aggregate(KIND.struct, { name, sizeBytes, members });
  }

  union(name: string, sizeBytes: number, members: readonly BuiltMember[]): number {
    return this.#aggregate(KIND.union, { name, sizeBytes, members });
  }

  enum(name: string, values: Record<string, number>, { isSigned = false, sizeBytes = 4 } = {}): number {
    const extra = Object.entries(values).flatMap(([key, value]) => [this.#name(key), value]);
    return this.#add([KIND.enum, name, sizeBytes], { count: Object.keys(values).length, flag: isSigned, extra });
  }

  enum64(name: string, values: Record<string, bigint>, { isSigned = false } = {}): number {
    const extra = Object.entries(values).flatMap(([key, value]) => [
      this.#name(key),
      Number(BigInt.asUintN(32, value)),
      Number(BigInt.asUintN(32, value >> 32n)),
    ]);
    return this.#add([KIND.enum64, name, 8], { count: Object.keys(values).length, flag: isSigned, extra });
  }

  fwd(name: string, of: 'struct' | 'union'): number {
    return this.#add([KIND.fwd, name, 0], { flag: of === 'union' });
  }

  typedef(name: string, type: number): number {
    return this.#add([KIND.typedef, name, type]);
  }

  qualifier(kind: 'volatile' | 'const' | 'restrict', type: number): number {
    return this.#add([KIND[kind], '', type]);
  }

  typeTag(tag: string, type: number): number {
    return this.#add([KIND.typeTag, tag, type]);
  }

  declTag(tag: string, type: number, component = -1): number {
    return this.#add([KIND.declTag, tag, type], { extra: [component] });
  }

  func(name: string, prototype: number, linkage = 1): number {
    return this.#add([KIND.func, name, prototype], { count: linkage });
  }

  funcProto(returnType: number, parameters: readonly { name: string; type: number }[]): number {
    const extra = parameters.flatMap(({ name, type }) => [this.#name(name), type]);
    return this.#add([KIND.funcProto, '', returnType], { count: parameters.length, extra });
  }

  var(name: string, type: number, linkage = 1): number {
    return this.#add([KIND.var, name, type], { extra: [linkage] });
  }

  datasec(name: string, sizeBytes: number, variables: readonly { var: number; at: number; size: number }[]): number {
    const extra = variables.flatMap((variable) => [variable.var, variable.at, variable.size]);
    return this.#add([KIND.datasec, name, sizeBytes], { count: variables.length, extra });
  }

  float(name: string, sizeBytes: number): number {
    return this.#add([KIND.float, name, sizeBytes]);
  }

  /** A record as it is told, right or wrong. */
  raw(...words: number[]): number {
    this.#records.push(words);
    return this.endId - 1;
  }

  build(): Buffer {
    const types = wordsToBytes(this.#records.flat());
    const strings = Buffer.concat(this.#strings);
    const header = Buffer.alloc(HEADER_BYTES);
    header.writeUInt16LE(MAGIC, 0);
    header.writeUInt8(1, 2);
    header.writeUInt32LE(HEADER_BYTES, 4);
    header.writeUInt32LE(0, 8);
    header.writeUInt32LE(types.length, 12);
    header.writeUInt32LE(types.length, 16);
    header.writeUInt32LE(strings.length, 20);
    return Buffer.concat([header, types, strings]);
  }

  #aggregate(
    kind: number,
    { name, sizeBytes, members }: { name: string; sizeBytes: number; members: readonly BuiltMember[] },
  ): number {
    const flag = members.some(({ width }) => width !== undefined);
    const extra = members.flatMap((member) => [
      this.#name(member.name ?? ''),
      member.type,
      member.at + (member.width ?? 0) * 2 ** 24,
    ]);
    return this.#add([kind, name, sizeBytes], { count: members.length, flag, extra });
  }

  #add(
    [kind, name, sizeOrType]: readonly [number, string, number],
    { count = 0, flag = false, extra = [] }: { count?: number; flag?: boolean; extra?: number[] } = {},
  ): number {
    return this.raw(this.#name(name), kind * 2 ** 24 + (flag ? KIND_FLAG : 0) + count, sizeOrType, ...extra);
  }

  #name(name: string): number {
    if (name === '') return 0;
    const known = this.#nameOffsets.get(name);
    if (known !== undefined) return known;
    const offset = this.endOfStrings;
    this.#strings.push(Buffer.from(`${name}\0`));
    this.#nameOffsets.set(name, offset);
    return offset;
  }
}

function wordsToBytes(words: readonly number[]): Buffer {
  const bytes = Buffer.alloc(words.length * 4);
  words.forEach((word, index) => bytes.writeUInt32LE(word >>> 0, index * 4));
  return bytes;
}
