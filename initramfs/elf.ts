import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { HarnessError } from '../src/errors';

/** What the dynamic loader reads in an ELF file before it looks for libraries. */
export interface ElfFile {
  /** e_machine: 62 is x86-64, 183 is aarch64. */
  machine: number;
  /** Absolute path of the dynamic loader; null when the kernel starts the file without one. */
  interpreter: string | null;
  /** DT_NEEDED in order. */
  needed: string[];
  soname: string | null;
  /** Unexpanded; null when there is no such entry. */
  rpath: string | null;
  runpath: string | null;
  /** End of the last byte in the file that a program header names; sections of use to linkers and debuggers lie behind. */
  segmentsEnd: number;
}

export const ELF_HEADER_BYTES = 64;

const PROGRAM_HEADER_BYTES = 56;
const PT_LOAD = 1;
const PT_DYNAMIC = 2;
const PT_INTERP = 3;
const DT_NULL = 0;
const DT_NEEDED = 1;
const DT_STRTAB = 5;
const DT_SONAME = 14;
const DT_RPATH = 15;
const DT_RUNPATH = 29;
const KNOWN_TAGS: readonly bigint[] = [DT_NEEDED, DT_STRTAB, DT_SONAME, DT_RPATH, DT_RUNPATH].map(BigInt);
const DYNAMIC_ENTRY_BYTES = 16;
/** Chosen far above what linkers write (Node has 600 bytes), so that a damaged size is not read into memory. */
const MAX_DYNAMIC_BYTES = 1 << 20;
/** PATH_MAX; a search path may hold many. */
const MAX_STRING_BYTES = 64 * 4096;

interface Segment {
  type: number;
  offset: number;
  address: number;
  fileBytes: number;
}

/** True for a file that starts like an ELF file, of any class. */
export function isElf(path: string): boolean {
  const fd = openSync(path, 'r');
  try {
    const magic = Buffer.alloc(4);
    return readSync(fd, magic, 0, 4, 0) === 4 && magic.equals(Buffer.from('\x7fELF'));
  } finally {
    closeSync(fd);
  }
}

/**
 * Reads the few hundred bytes that matter, wherever they lie in the file.
 * @throws HarnessError `elf-invalid` for anything that is not a whole 64-bit little-endian ELF file.
 */
export function readElf(path: string): ElfFile {
  const fd = openSync(path, 'r');
  try {
    return new ElfReader(fd, path).read();
  } finally {
    closeSync(fd);
  }
}

/** The same for an open file; `path` is for messages. */
export function readElfAt(fd: number, path: string): ElfFile {
  return new ElfReader(fd, path).read();
}

class ElfReader {
  readonly #fd: number;
  readonly #path: string;
  readonly #size: number;

  constructor(fd: number, path: string) {
    this.#fd = fd;
    this.#path = path;
    this.#size = fstatSync(fd).size;
  }

  read(): ElfFile {
    const header = this.#bytes(0, ELF_HEADER_BYTES, 'header');
    if (!header.subarray(0, 4).equals(Buffer.from('\x7fELF')))
      throw this.#invalid('it does not start with the ELF magic number');
    const [elfClass, encoding] = [header[4], header[5]];
    if (elfClass !== 2 || encoding !== 1) throw this.#invalid('it is not 64-bit little-endian');
    const segments = this.#segments(header);
    const headersEnd = this.#number(header, 32) + header.readUInt16LE(56) * PROGRAM_HEADER_BYTES;
    const ends = segments.map((segment) => (segment.fileBytes === 0 ? 0 : segment.offset + segment.fileBytes));
    return {
      machine: header.readUInt16LE(18),
      interpreter: this.#interpreter(segments),
      ...this.#dynamic(segments),
      segmentsEnd: Math.max(ELF_HEADER_BYTES, headersEnd, ...ends),
    };
  }

  #segments(header: Buffer): Segment[] {
    const count = header.readUInt16LE(56);
    if (count === 0) return [];
    if (header.readUInt16LE(54) !== PROGRAM_HEADER_BYTES)
      throw this.#invalid('its program headers have an unknown size');
    const table = this.#bytes(this.#number(header, 32), count * PROGRAM_HEADER_BYTES, 'program header table');
    return Array.from({ length: count }, (_, index) => {
      const entry = table.subarray(index * PROGRAM_HEADER_BYTES);
      const segment = {
        type: entry.readUInt32LE(0),
        offset: this.#number(entry, 8),
        address: this.#number(entry, 16),
        fileBytes: this.#number(entry, 32),
      };
      if (segment.fileBytes > 0) this.#checkRange(segment.offset, segment.fileBytes, `segment ${index}`);
      return segment;
    });
  }

  #interpreter(segments: readonly Segment[]): string | null {
    const segment = segments.find((candidate) => candidate.type === PT_INTERP);
    return segment === undefined ? null : this.#text(segment.offset, segment.offset + segment.fileBytes);
  }

  #dynamic(segments: readonly Segment[]): Pick<ElfFile, 'needed' | 'soname' | 'rpath' | 'runpath'> {
    const entries = this.#dynamicEntries(segments);
    const stringTable = entries.find(([tag]) => tag === DT_STRTAB)?.[1];
    const strings = (tag: number): string[] =>
      entries.filter((entry) => entry[0] === tag).map(([, value]) => this.#dynamicText(segments, stringTable, value));
    return {
      needed: strings(DT_NEEDED),
      soname: strings(DT_SONAME)[0] ?? null,
      rpath: strings(DT_RPATH)[0] ?? null,
      runpath: strings(DT_RUNPATH)[0] ?? null,
    };
  }

  #dynamicEntries(segments: readonly Segment[]): [tag: number, value: number][] {
    const segment = segments.find((candidate) => candidate.type === PT_DYNAMIC);
    if (segment === undefined) return [];
    if (segment.fileBytes > MAX_DYNAMIC_BYTES) throw this.#invalid('its dynamic section is too large');
    const table = this.#bytes(segment.offset, segment.fileBytes, 'dynamic section');
    const entries: [number, number][] = [];
    for (let at = 0; at + DYNAMIC_ENTRY_BYTES <= table.length; at += DYNAMIC_ENTRY_BYTES) {
      const tag = table.readBigInt64LE(at);
      if (tag === BigInt(DT_NULL)) break;
      if (KNOWN_TAGS.includes(tag)) entries.push([Number(tag), this.#number(table, at + 8)]);
    }
    return entries;
  }

  #dynamicText(segments: readonly Segment[], stringTable: number | undefined, index: number): string {
    if (stringTable === undefined) throw this.#invalid('its dynamic section has names but no string table');
    const address = stringTable + index;
    const segment = segments.find(
      ({ type, address: from, fileBytes }) => type === PT_LOAD && from <= address && address < from + fileBytes,
    );
    if (segment === undefined) throw this.#invalid('a name of its dynamic section lies outside of its segments');
    return this.#text(segment.offset + (address - segment.address), segment.offset + segment.fileBytes);
  }

  /** The characters up to a zero byte, which must come before `end`. */
  #text(from: number, end: number): string {
    const stop = Math.min(end, from + MAX_STRING_BYTES);
    let text = Buffer.alloc(0);
    // Names are short and the table they lie in may have megabytes.
    for (let step = 256; from + text.length < stop; step *= 2) {
      const at = from + text.length;
      text = Buffer.concat([text, this.#bytes(at, Math.min(step, stop - at), 'name')]);
      const length = text.indexOf(0);
      if (length !== -1) return text.toString('utf8', 0, length);
    }
    throw this.#invalid('a name in it does not end');
  }

  #number(buffer: Buffer, at: number): number {
    const value = buffer.readBigUInt64LE(at);
    if (value > BigInt(Number.MAX_SAFE_INTEGER)) throw this.#invalid(`it holds an impossible offset ${value}`);
    return Number(value);
  }

  #bytes(offset: number, length: number, what: string): Buffer {
    this.#checkRange(offset, length, what);
    const buffer = Buffer.alloc(length);
    if (readSync(this.#fd, buffer, 0, length, offset) !== length) throw this.#invalid(`its ${what} could not be read`);
    return buffer;
  }

  #checkRange(offset: number, length: number, what: string): void {
    if (offset + length > this.#size) throw this.#invalid(`its ${what} lies outside of the file's ${this.#size} bytes`);
  }

  #invalid(problem: string): HarnessError<'elf-invalid'> {
    return new HarnessError('elf-invalid', { file: this.#path, problem });
  }
}
