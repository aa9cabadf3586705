import { HarnessError, isHarnessError } from '../../../errors';
import type { GuestMemory } from '../guest-memory';

/**
 * VMCOREINFO is a text of KEY=VALUE lines that the kernel keeps for crash dumps (kernel/vmcore_info.c, Documentation/admin-guide/kdump/
 * vmcoreinfo.rst), wrapped in an ELF note: sizes of name and text, a type, the name padded to four bytes, the text. /sys/kernel/vmcoreinfo
 * gives the physical address of the note.
 */
export interface Vmcoreinfo {
  release: string;
  /** Hex; null for a kernel that was linked without one. */
  buildId: string | null;
  /** How far KASLR moved the kernel's image. */
  kernelOffset: bigint;
  /** Physical address less that of the image's link address. */
  physBase: bigint;
  hasFiveLevels: boolean;
  /** By name, where they are in this boot. */
  symbols: ReadonlyMap<string, bigint>;
}

const NOTE_NAME = 'VMCOREINFO\0';
const HEADER_BYTES = 12;
const NAME_PADDED_BYTES = 12;
/** The kernel keeps the text in one page, 4 KiB with its note in the largest configurations seen. */
const MAX_TEXT_BYTES = 64 * 1024;
const PAGE_BYTES = 4096;
const SCAN_BYTES = 4 * 1024 * 1024;

/** @param gpa of the note. @throws {HarnessError} `decode` */
export function readVmcoreinfo(memory: GuestMemory, gpa: number): Vmcoreinfo {
  return parseVmcoreinfo(vmcoreinfoText(memory, gpa), `0x${gpa.toString(16)}`);
}

/**
 * Looks for the note of a guest that never told where it is; null when there is none, as in the first instants of a boot. The note has a
 * page of its own.
 */
export function findVmcoreinfo(memory: GuestMemory): Vmcoreinfo | null {
  for (const range of memory.ranges) {
    for (let at = range.gpa; at < range.gpa + range.bytes; at += SCAN_BYTES) {
      const bytes = memory.read(at, Math.min(SCAN_BYTES, range.gpa + range.bytes - at));
      for (let offset = 0; offset + PAGE_BYTES <= bytes.length; offset += PAGE_BYTES) {
        if (!isNote(bytes, offset)) continue;
        const found = tryRead(memory, at + offset);
        if (found) return found;
      }
    }
  }
  return null;
}

function isNote(bytes: Buffer, offset: number): boolean {
  if (bytes.readUInt32LE(offset) !== NOTE_NAME.length) return false;
  return bytes.toString('latin1', offset + HEADER_BYTES, offset + HEADER_BYTES + NOTE_NAME.length) === NOTE_NAME;
}

/** What looks like a note may be a stale copy that another page has overwritten in part. */
function tryRead(memory: GuestMemory, gpa: number): Vmcoreinfo | null {
  try {
    return readVmcoreinfo(memory, gpa);
  } catch (error) {
    if (isHarnessError(error, 'decode')) return null;
    throw error;
  }
}

/** The text of the note. @param gpa of the note. @throws {HarnessError} `decode` */
export function vmcoreinfoText(memory: GuestMemory, gpa: number): string {
  const at = `0x${gpa.toString(16)}`;
  const refuse = (problem: string): HarnessError => new HarnessError('decode', { what: 'VMCOREINFO', at, problem });
  try {
    const header = memory.read(gpa, HEADER_BYTES + NAME_PADDED_BYTES);
    if (!isNote(header, 0)) throw refuse('there is no note of that name');
    const length = header.readUInt32LE(4);
    if (length > MAX_TEXT_BYTES) throw refuse(`a text of ${length} bytes is more than ${MAX_TEXT_BYTES}`);
    return memory.read(gpa + header.length, length).toString('latin1');
  } catch (error) {
    if (error instanceof RangeError) throw refuse(error.message);
    throw error;
  }
}

/** @param at where the text is, to be told in an error. @throws {HarnessError} `decode` */
export function parseVmcoreinfo(text: string, at: string): Vmcoreinfo {
  const lines = new Map(text.split('\n').map((line) => split(line)));
  const need = (key: string): string => {
    const value = lines.get(key);
    if (value !== undefined) return value;
    throw new HarnessError('decode', { what: 'VMCOREINFO', at, problem: `there is no ${key}` });
  };
  const symbols = [...lines].flatMap(([key, value]) => {
    const name = /^SYMBOL\((\w+)\)$/.exec(key)?.[1];
    return name !== undefined && HEX.test(value) ? [[name, BigInt(`0x${value}`)] as const] : [];
  });
  return {
    release: need('OSRELEASE'),
    buildId: lines.get('BUILD-ID') ?? null,
    kernelOffset: hex(need('KERNELOFFSET'), at),
    physBase: decimal(need('NUMBER(phys_base)'), at),
    hasFiveLevels: lines.get('NUMBER(pgtable_l5_enabled)') === '1',
    symbols: new Map(symbols),
  };
}

const HEX = /^[0-9a-f]{1,16}$/;

function split(line: string): [string, string] {
  const cut = line.indexOf('=');
  return cut < 0 ? [line, ''] : [line.slice(0, cut), line.slice(cut + 1)];
}

function hex(value: string, at: string): bigint {
  if (HEX.test(value)) return BigInt(`0x${value}`);
  throw new HarnessError('decode', { what: 'VMCOREINFO', at, problem: `"${value}" is not a hexadecimal number` });
}

/** Negative where the image lies below its link address. */
function decimal(value: string, at: string): bigint {
  if (/^-?\d{1,20}$/.test(value)) return BigInt(value);
  throw new HarnessError('decode', { what: 'VMCOREINFO', at, problem: `"${value}" is not a number` });
}
