import type { Btf } from '../btf/btf';
import { parseBtf } from '../btf/parse-btf';

const HEADER_BYTES = 24;
const KIND_INT = 1 << 24;
const KIND_ARRAY = 3 << 24;
/** Names of integers, by their size in bytes. */
const INTEGERS = { 1: 'unsigned char', 2: 'unsigned short', 4: 'unsigned int', 8: 'unsigned long' } as const;

/** A type for keys and values of which the map says no more than their size: an unsigned integer where there is one, else an array of bytes. */
export function plainType(sizeBytes: number): { btf: Btf; type: number } {
  const name = INTEGERS[sizeBytes as keyof typeof INTEGERS];
  const integer = name === undefined ? 1 : sizeBytes;
  const types = [1, KIND_INT, integer, integer * 8];
  if (name === undefined) types.push(0, KIND_ARRAY, 0, 1, 1, sizeBytes);
  return { btf: parseBtf(blob(types, `\0${name ?? INTEGERS[1]}\0`)), type: name === undefined ? 2 : 1 };
}

/** BTF of types without a base: Documentation/bpf/btf.rst. */
function blob(words: readonly number[], strings: string): Buffer {
  const types = Buffer.from(Uint32Array.from(words).buffer);
  const header = Buffer.alloc(HEADER_BYTES);
  header.writeUInt16LE(0xeb9f);
  header.writeUInt8(1, 2);
  const lengths = [HEADER_BYTES, 0, types.length, types.length, strings.length];
  lengths.forEach((length, index) => header.writeUInt32LE(length, 4 + index * 4));
  return Buffer.concat([header, types, Buffer.from(strings, 'latin1')]);
}
