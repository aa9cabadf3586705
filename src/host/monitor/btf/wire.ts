import { HarnessError } from '../../../errors';

/*
 * BTF as Documentation/bpf/btf.rst of the kernel defines it. A blob is a header, a section of type records and a section of strings. A
 * record is three 32-bit words (offset of the name; flag, kind and count; size or type), then words of its kind. Types have no stored id:
 * the first record is type 1, the next one type 2. Type 0 is void.
 */

/** By number. `fixed`: words behind the first three; `each`: words of every entry (member, value, parameter, variable). */
const KIND_TABLE = [
  { kind: 'void', fixed: 0, each: 0 },
  { kind: 'int', fixed: 1, each: 0 },
  { kind: 'ptr', fixed: 0, each: 0 },
  { kind: 'array', fixed: 3, each: 0 },
  { kind: 'struct', fixed: 0, each: 3 },
  { kind: 'union', fixed: 0, each: 3 },
  { kind: 'enum', fixed: 0, each: 2 },
  { kind: 'fwd', fixed: 0, each: 0 },
  { kind: 'typedef', fixed: 0, each: 0 },
  { kind: 'volatile', fixed: 0, each: 0 },
  { kind: 'const', fixed: 0, each: 0 },
  { kind: 'restrict', fixed: 0, each: 0 },
  { kind: 'func', fixed: 0, each: 0 },
  { kind: 'func_proto', fixed: 0, each: 2 },
  { kind: 'var', fixed: 1, each: 0 },
  { kind: 'datasec', fixed: 0, each: 3 },
  { kind: 'float', fixed: 0, each: 0 },
  { kind: 'decl_tag', fixed: 1, each: 0 },
  { kind: 'type_tag', fixed: 0, each: 0 },
  { kind: 'enum64', fixed: 0, each: 3 },
] as const;

export type BtfKind = (typeof KIND_TABLE)[number]['kind'];

export const BTF_KINDS: readonly BtfKind[] = KIND_TABLE.map(({ kind }) => kind);

/** Words of every record: name, info, size or type. */
export const COMMON_WORDS = 3;
const FIXED_WORDS = Uint8Array.from(KIND_TABLE, ({ fixed }) => fixed);
const ENTRY_WORDS = Uint8Array.from(KIND_TABLE, ({ each }) => each);

const MAGIC = 0xeb9f;
const SWAPPED_MAGIC = 0x9feb;
const VERSION = 1;
const HEADER_BYTES = 24;

// The word `info`: bits 0 to 15 count the entries, bits 24 to 28 are the kind, bit 31 is the flag. The others are unused.
const INFO_UNUSED = 0x60ff0000;
export const infoCount = (info: number): number => info & 0xffff;
export const infoKind = (info: number): number => (info >>> 24) & 0x1f;
export const infoFlag = (info: number): boolean => info >>> 31 === 1;

export interface BtfSections {
  /** Records of the types. */
  words: Uint32Array;
  strings: Buffer;
}

export function undecodable(at: string, problem: string): HarnessError<'decode'> {
  return new HarnessError('decode', { what: 'BTF', at, problem });
}

/**
 * The two sections of a blob. The strings of a split blob go on where those of its base end.
 * @throws HarnessError `decode`
 */
export function readSections(blob: Buffer, isSplit: boolean): BtfSections {
  const headerBytes = checkHeader(blob);
  const section = (name: string, fieldAt: number): Buffer => {
    const [offset, length] = [blob.readUInt32LE(fieldAt), blob.readUInt32LE(fieldAt + 4)];
    const start = headerBytes + offset;
    if (start + length <= blob.length) return blob.subarray(start, start + length);
    throw undecodable(`the ${name} section`, `it ends at byte ${start + length} of ${blob.length}`);
  };
  const types = section('type', 8);
  if (types.length % 4 !== 0) throw undecodable('the type section', `${types.length} bytes are not whole words`);
  const strings = section('string', 16);
  const isEmptySplit = isSplit && strings.length === 0;
  if (!isEmptySplit && strings.at(-1) !== 0) throw undecodable('the string section', 'its last string does not end');
  if (!isSplit && strings[0] !== 0) throw undecodable('the string section', 'its first string is not the empty one');
  // A copy is aligned, wherever the blob lies in its memory.
  const words = new Uint32Array(types.length / 4);
  new Uint8Array(words.buffer).set(types);
  return { words, strings };
}

function checkHeader(blob: Buffer): number {
  if (blob.length < HEADER_BYTES) throw undecodable('the header', `there are ${blob.length} bytes of ${HEADER_BYTES}`);
  const magic = blob.readUInt16LE(0);
  if (magic === SWAPPED_MAGIC) throw undecodable('the header', 'it is of a big-endian machine');
  if (magic !== MAGIC) throw undecodable('the header', `its magic number is 0x${magic.toString(16)}`);
  const version = blob.readUInt8(2);
  if (version !== VERSION) throw undecodable('the header', `its version is ${version}, known is ${VERSION}`);
  const headerBytes = blob.readUInt32LE(4);
  if (headerBytes < HEADER_BYTES) throw undecodable('the header', `it says that it has ${headerBytes} bytes`);
  return headerBytes;
}

/**
 * The word at which each record starts, by id less `firstId`.
 * @throws HarnessError `decode` for a record of unknown kind or one that the section cuts off
 */
export function indexRecords(words: Uint32Array, firstId: number): Uint32Array {
  const starts = new Uint32Array(Math.floor(words.length / COMMON_WORDS));
  let count = 0;
  let at = 0;
  while (at < words.length) {
    const info = words[at + 1] ?? 0;
    const kind = infoKind(info);
    const isKnown = kind > 0 && kind < KIND_TABLE.length && (info & INFO_UNUSED) === 0;
    const entries = ENTRY_WORDS[kind] ?? 0;
    const next = at + COMMON_WORDS + (FIXED_WORDS[kind] ?? 0) + (entries === 0 ? 0 : entries * infoCount(info));
    if (next > words.length) throw undecodable(`type ${firstId + count}`, 'its record is cut off');
    if (!isKnown) throw undecodable(`type ${firstId + count}`, `its info 0x${info.toString(16)} is of no known kind`);
    starts[count++] = at;
    at = next;
  }
  return starts.slice(0, count);
}
