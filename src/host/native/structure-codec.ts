import { structureLayout, type Fields, type FieldType, type StructureOf } from './structure-layout';

type DecodedValue<T> = T extends 'uint64_t' | 'int64_t'
  ? bigint
  : T extends string
    ? number
    : T extends { chars: number }
      ? string
      : never;

/** Reads and writes a structure of native/abi that goes in bytes, without koffi. Strings are read only, arrays of words written only. */
export interface StructureCodec<F extends Fields> {
  readonly bytes: number;
  /** Structures one after the other. */
  encode(list: readonly StructureOf<F>[]): Buffer;
  decode(from: Buffer, at: number): { [K in keyof F]: DecodedValue<F[K]> };
}

export function structureCodec<F extends Fields>(structure: F): StructureCodec<F> {
  const { bytes, fields } = structureLayout(structure);
  return {
    bytes,
    encode(list) {
      const out = Buffer.alloc(bytes * list.length);
      for (const [index, values] of list.entries())
        for (const { name, type, offset } of fields)
          writeValue(out, bytes * index + offset, { type, value: (values as Record<string, unknown>)[name] });
      return out;
    },
    decode(from, at) {
      const values = fields.map(({ name, type, offset }) => [name, readValue(from, at + offset, type)]);
      // The type of each value follows from that of its field.
      return Object.fromEntries(values) as ReturnType<StructureCodec<F>['decode']>;
    },
  };
}

function writeValue(out: Buffer, at: number, { type, value }: { type: FieldType; value: unknown }): void {
  if (type === 'uint64_t') out.writeBigUInt64LE(BigInt(value as number | bigint), at);
  else if (type === 'int64_t') out.writeBigInt64LE(BigInt(value as number | bigint), at);
  else if (type === 'uint32_t') out.writeUInt32LE(value as number, at);
  else if (type === 'int32_t') out.writeInt32LE(value as number, at);
  else if ('int64s' in type)
    for (const [i, word] of (value as readonly bigint[]).entries()) out.writeBigInt64LE(word, at + 8 * i);
  else throw new TypeError('encode a string field: nothing takes one');
}

function readValue(from: Buffer, at: number, type: FieldType): number | bigint | string {
  if (typeof type === 'object' && 'chars' in type)
    return from.toString('latin1', at, at + type.chars).replace(/\0.*$/s, '');
  switch (type) {
    case 'uint64_t':
      return from.readBigUInt64LE(at);
    case 'int64_t':
      return from.readBigInt64LE(at);
    case 'uint32_t':
      return from.readUInt32LE(at);
    case 'int32_t':
      return from.readInt32LE(at);
    default:
      throw new TypeError('decode an array field: nothing gives one');
  }
}
