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
  let table = BigInt(tables.rootGpa);
  for (let level: number = tables.levels; level > 0; level--) {
    const shift = PAGE_BITS + INDEX_BITS * BigInt(level - 1);
    const entry = readEntry(memory, Number(table), Number((address >> shift) & 0x1ffn));
    if (entry === null || (entry & PRESENT) === 0n) return null;
    const isPage = level === 1 || (level <= 3 && (entry & LARGE) !== 0n);
    if (isPage) {
      const bytes = 1n << shift;
      return { gpa: Number(entry & FRAME & ~(bytes - 1n)), bytes: Number(bytes) };
    }
    table = entry & FRAME;
  }
  return null;
}

function readEntry(memory: GuestMemory, table: number, index: number): bigint | null {
  try {
    return memory.read(table + index * ENTRY_BYTES, ENTRY_BYTES).readBigUInt64LE();
  } catch (error) {
    if (error instanceof RangeError) return null;
    throw error;
  }
}
