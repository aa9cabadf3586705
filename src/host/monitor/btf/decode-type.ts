import type { BtfMember, BtfType, EnumType, IntType, Linkage, StructType, TypeOf } from './model';
import type { BtfStrings } from './strings';
import { BTF_KINDS, type BtfKind, COMMON_WORDS, infoCount, infoFlag, infoKind, undecodable } from './wire';

/** One record in its section. Indexing has made sure that all its words are there. */
export interface TypeRecord {
  id: number;
  words: Uint32Array;
  /** Its first word. */
  at: number;
  strings: BtfStrings;
}

/** @throws HarnessError `decode` when a name or a value of the record is impossible */
export function decodeType(record: TypeRecord): BtfType {
  return DECODERS[kindAt(record.words, record.at)](record);
}

export function kindAt(words: Uint32Array, at: number): BtfKind {
  return BTF_KINDS[infoKind(words[at + 1] ?? 0)] ?? 'void';
}

const DECODERS: { [K in BtfKind]: (record: TypeRecord) => TypeOf<K> } = {
  void: ({ id }) => ({ kind: 'void', id }),
  int: decodeInt,
  ptr: (record) => ({ kind: 'ptr', id: record.id, type: sizeOrType(record) }),
  array: (record) => ({
    kind: 'array',
    id: record.id,
    type: extra(record, 0),
    indexType: extra(record, 1),
    length: extra(record, 2),
  }),
  struct: (record) => decodeStruct('struct', record),
  union: (record) => decodeStruct('union', record),
  enum: (record) => decodeEnum('enum', record),
  enum64: (record) => decodeEnum('enum64', record),
  fwd: (record) => ({ kind: 'fwd', id: record.id, name: nameOf(record), of: flag(record) ? 'union' : 'struct' }),
  typedef: (record) => ({ kind: 'typedef', id: record.id, name: nameOf(record), type: sizeOrType(record) }),
  volatile: (record) => ({ kind: 'volatile', id: record.id, type: sizeOrType(record) }),
  const: (record) => ({ kind: 'const', id: record.id, type: sizeOrType(record) }),
  restrict: (record) => ({ kind: 'restrict', id: record.id, type: sizeOrType(record) }),
  // The count of a function is its linkage.
  func: (record) => ({
    kind: 'func',
    id: record.id,
    name: nameOf(record),
    type: sizeOrType(record),
    linkage: linkage(record, count(record)),
  }),
  func_proto: decodeFuncProto,
  var: (record) => ({
    kind: 'var',
    id: record.id,
    name: nameOf(record),
    type: sizeOrType(record),
    linkage: linkage(record, extra(record, 0)),
  }),
  datasec: (record) => ({
    kind: 'datasec',
    id: record.id,
    name: nameOf(record),
    sizeBytes: sizeOrType(record),
    variables: entries(record, 3).map(([type, offset, sizeBytes]) => ({ type, offset, sizeBytes })),
  }),
  float: (record) => ({ kind: 'float', id: record.id, name: nameOf(record), sizeBytes: sizeOrType(record) }),
  decl_tag: (record) => ({
    kind: 'decl_tag',
    id: record.id,
    name: nameOf(record),
    type: sizeOrType(record),
    component: extra(record, 0) | 0,
  }),
  type_tag: (record) => ({ kind: 'type_tag', id: record.id, name: nameOf(record), type: sizeOrType(record) }),
};

/** Bits 24 to 27 of the word of an int: how its value is meant. */
const INT_SIGNED = 1;
const INT_CHAR = 2;
const INT_BOOL = 4;

function decodeInt(record: TypeRecord): IntType {
  const word = extra(record, 0);
  const encoding = (word >>> 24) & 0xf;
  return {
    kind: 'int',
    id: record.id,
    name: nameOf(record),
    sizeBytes: sizeOrType(record),
    bits: word & 0xff,
    bitOffset: (word >>> 16) & 0xff,
    isSigned: (encoding & INT_SIGNED) !== 0,
    encoding: (encoding & INT_BOOL) !== 0 ? 'bool' : (encoding & INT_CHAR) !== 0 ? 'char' : 'number',
  };
}

function decodeStruct<K extends 'struct' | 'union'>(kind: K, record: TypeRecord): StructType & { kind: K } {
  const hasBitfields = flag(record);
  const members = entries(record, 3).map(([name, type, offset]): BtfMember => {
    // With the flag, the upper byte of an offset is the width of a bitfield, or 0.
    const width = hasBitfields ? offset >>> 24 : 0;
    return {
      name: record.strings.text(name),
      type,
      bitOffset: hasBitfields ? offset & 0xffffff : offset,
      bitSize: width === 0 ? null : width,
    };
  });
  return { kind, id: record.id, name: nameOf(record), sizeBytes: sizeOrType(record), members };
}

function decodeEnum<K extends 'enum' | 'enum64'>(kind: K, record: TypeRecord): EnumType & { kind: K } {
  const isSigned = flag(record);
  const bits = kind === 'enum' ? 32 : 64;
  const values = entries(record, kind === 'enum' ? 2 : 3).map(([name, low, high]) => {
    const value = kind === 'enum' ? BigInt(low) : (BigInt(high) << 32n) | BigInt(low);
    return { name: record.strings.text(name), value: isSigned ? BigInt.asIntN(bits, value) : value };
  });
  return { kind, id: record.id, name: nameOf(record), sizeBytes: sizeOrType(record), isSigned, values };
}

function decodeFuncProto(record: TypeRecord): TypeOf<'func_proto'> {
  const parameters = entries(record, 2).map(([name, type]) => ({ name: record.strings.text(name), type }));
  const last = parameters.at(-1);
  const isVariadic = last !== undefined && last.type === 0 && last.name === '';
  return {
    kind: 'func_proto',
    id: record.id,
    returnType: sizeOrType(record),
    parameters: isVariadic ? parameters.slice(0, -1) : parameters,
    isVariadic,
  };
}

const LINKAGES: readonly Linkage[] = ['static', 'global', 'extern'];

function linkage(record: TypeRecord, value: number): Linkage {
  const known = LINKAGES[value];
  if (known === undefined) throw undecodable(`type ${record.id}`, `its linkage is ${value}`);
  return known;
}

function count({ words, at }: TypeRecord): number {
  return infoCount(words[at + 1] ?? 0);
}

function flag({ words, at }: TypeRecord): boolean {
  return infoFlag(words[at + 1] ?? 0);
}

function nameOf({ words, at, strings }: TypeRecord): string {
  return strings.text(words[at] ?? 0);
}

function sizeOrType({ words, at }: TypeRecord): number {
  return words[at + 2] ?? 0;
}

function extra({ words, at }: TypeRecord, index: number): number {
  return words[at + COMMON_WORDS + index] ?? 0;
}

/** The words of each entry; the third is 0 for entries of two. */
function entries(record: TypeRecord, wordsEach: 2 | 3): [number, number, number][] {
  return Array.from({ length: count(record) }, (_, index) => {
    const from = index * wordsEach;
    return [extra(record, from), extra(record, from + 1), wordsEach === 3 ? extra(record, from + 2) : 0];
  });
}
