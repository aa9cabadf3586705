import type { GuestMemory } from '../guest-memory';

/**
 * x86-64 page tables (Intel SDM volume 3, 4.5). Each level is a page of 512 entries, picked by nine bits of the address, the highest level
 * first. An entry that is present points to the next table, or, with its size bit, to a page of 1 GiB or 2 MiB.
 */
const PRESENT = 1n;
const LARGE = 1n << 7n;
/** Bits 51:12; above are protection keys and no-execute. */
const FRAME = 0x000f_ffff_ffff_f000n;
const ENTRY_BYTES = 8;
const TABLE_BYTES = 4096;
const INDEX_BITS = 9n;
const PAGE_BITS = 12n;

/** Where a page of virtual memory lies. */
export interface Mapping {
  /** First guest-physical address of the page. */
  gpa: number;
  bytes: number;
}

/** Root of the tables, and how many levels they have. */
export interface PageTables {
  rootGpa: number;
  levels: 4 | 5;
}

/** The page that an address lies in; null when none is mapped there, or the tables lead out of RAM. */
export function findPage(memory: GuestMemory, tables: PageTables, address: bigint): Mapping | null {
  const { entry, level } = descend(memory, tables, { address, lowest: 1 });
  if (entry === null) return null;
  const bytes = pageBytes(level);
  return { gpa: Number(entry & FRAME & ~(bytes - 1n)), bytes: Number(bytes) };
}

/** The addresses at which pages are mapped in a range, ascending. What has no table, or a large page, is passed over at once. */
export function* mappedPages(
  memory: GuestMemory,
  tables: PageTables,
  { start, end }: { start: bigint; end: bigint },
): Generator<bigint> {
  for (let at = start; at < end;) {
    const { entry, level } = descend(memory, tables, { address: at, lowest: 2 });
    const next = (at / pageBytes(level) + 1n) * pageBytes(level);
    const isTable = level === 2 && entry !== null && (entry & LARGE) === 0n;
    if (isTable) yield* pagesOf(memory, entry & FRAME, { start: at, end: next < end ? next : end });
    else if (entry !== null) yield at;
    at = next;
  }
}

/** Of a table of the lowest level. */
function* pagesOf(
  memory: GuestMemory,
  table: bigint,
  { start, end }: { start: bigint; end: bigint },
): Generator<bigint> {
  const entries = readRam(memory, Number(table), TABLE_BYTES);
  if (entries === null) return;
  for (let at = start; at < end; at += pageBytes(1))
    if ((entries.readBigUInt64LE(indexOf(at, 1) * ENTRY_BYTES) & PRESENT) !== 0n) yield at;
}

/** The entry for an address at the lowest level that is asked for, or above where one maps a large page or (null) nothing. */
function descend(
  memory: GuestMemory,
  tables: PageTables,
  { address, lowest }: { address: bigint; lowest: number },
): { entry: bigint | null; level: number } {
  let table = BigInt(tables.rootGpa);
  for (let level: number = tables.levels; ; level--) {
    const entry = readEntry(memory, Number(table), indexOf(address, level));
    if (entry === null || (entry & PRESENT) === 0n) return { entry: null, level };
    if (level === lowest || (level <= 3 && (entry & LARGE) !== 0n)) return { entry, level };
    table = entry & FRAME;
  }
}

function pageBytes(level: number): bigint {
  return 1n << (PAGE_BITS + INDEX_BITS * BigInt(level - 1));
}

function indexOf(address: bigint, level: number): number {
  return Number((address >> (PAGE_BITS + INDEX_BITS * BigInt(level - 1))) & 0x1ffn);
}

function readEntry(memory: GuestMemory, table: number, index: number): bigint | null {
  return readRam(memory, table + index * ENTRY_BYTES, ENTRY_BYTES)?.readBigUInt64LE() ?? null;
}

function readRam(memory: GuestMemory, gpa: number, length: number): Buffer | null {
  try {
    return memory.read(gpa, length);
  } catch (error) {
    if (error instanceof RangeError) return null;
    throw error;
  }
}
