import type { GuestMemory } from '../guest-memory';

/**
 * The tables of kallsyms by guest-physical address, as `readKallsyms` takes them by virtual address. Linux 6.4 and later has them one behind
 * the other, each at a multiple of eight: num_syms, names, markers, token_table, token_index, offsets, relative_base (scripts/kallsyms.c).
 */
export type PhysicalTables = ReadonlyMap<string, number>;

const TOKENS = 256;
const ALIGNMENT = 8;
const SCAN_BYTES = 4 * 1024 * 1024;
/** Decimal digits are tokens that stand for themselves: every kernel has them in names. */
const DIGITS = Buffer.from(Array.from({ length: 10 }, (_, digit) => `${digit}\0`).join(''), 'latin1');
const FIRST_DIGIT = 0x30;
/** Of tokens: a few letters each. */
const MAX_TABLE_BYTES = 16 * 1024;
const MAX_SYMBOLS = 4_000_000;
const SYMBOLS_PER_MARKER = 256;
const MARKER_BYTES = 4;
/** Of the names from one marker to the next, each of at most 512 tokens. */
const MAX_GROUP_BYTES = SYMBOLS_PER_MARKER * 514;

/** Looks for the tables in all of memory. What is found may be a copy that is out of use. */
export function* scanKallsyms(memory: GuestMemory): Generator<PhysicalTables> {
  for (const digits of occurrences(memory, DIGITS)) {
    const tables = tablesAround(memory, digits);
    if (tables !== null) yield tables;
  }
}

/** Where a few bytes are in memory, ascending. */
export function* occurrences(memory: GuestMemory, wanted: Buffer): Generator<number> {
  for (const { gpa, bytes } of memory.ranges) {
    for (let at = gpa; at < gpa + bytes; at += SCAN_BYTES) {
      // One that crosses the border is in the part that it begins in.
      const part = memory.read(at, Math.min(SCAN_BYTES + wanted.length - 1, gpa + bytes - at));
      for (let found = part.indexOf(wanted); found >= 0; found = part.indexOf(wanted, found + 1)) yield at + found;
    }
  }
}

/** A part of memory, less than asked for where memory ends; empty where there is none. */
function window(memory: GuestMemory, gpa: number, length: number): Buffer {
  const range = memory.ranges.find((one) => gpa >= one.gpa && gpa < one.gpa + one.bytes);
  return range === undefined ? Buffer.alloc(0) : memory.read(gpa, Math.min(length, range.gpa + range.bytes - gpa));
}

function tablesAround(memory: GuestMemory, digits: number): PhysicalTables | null {
  const before = window(memory, Math.max(0, digits - MAX_TABLE_BYTES), Math.min(digits, MAX_TABLE_BYTES));
  const start = startOfTokens(before);
  if (start === null) return null;
  const tokenTable = digits - (before.length - start);
  const index = indexBehind(window(memory, tokenTable, MAX_TABLE_BYTES + TOKENS * 2));
  if (index === null) return null;
  const head = namesBefore(memory, tokenTable);
  if (head === null) return null;
  const offsets = tokenTable + index + TOKENS * 2;
  return new Map([
    ['kallsyms_num_syms', head.names - ALIGNMENT],
    ['kallsyms_names', head.names],
    ['kallsyms_token_table', tokenTable],
    ['kallsyms_token_index', tokenTable + index],
    ['kallsyms_offsets', offsets],
    ['kallsyms_relative_base', aligned(offsets + head.count * Int32Array.BYTES_PER_ELEMENT)],
  ]);
}

/** The beginning of the table in the bytes in front of its digits: as many texts before them as they have a number. */
function startOfTokens(before: Buffer): number | null {
  let at = before.length;
  for (let token = 0; token < FIRST_DIGIT; token++) {
    // A zero is in front of the first one, too: of a marker, or of what fills the markers up. Below 2 it would be counted from the end.
    if (at < 2) return null;
    at = before.lastIndexOf(0, at - 2) + 1;
    if (at === 0) return null;
  }
  return at;
}

/** Where the index is behind the tokens: it has to tell where each of them begins. */
function indexBehind(table: Buffer): number | null {
  const starts: number[] = [];
  let at = 0;
  while (starts.length < TOKENS) {
    starts.push(at);
    const end = table.indexOf(0, at);
    if (end < 0) return null;
    at = end + 1;
  }
  const index = aligned(at);
  if (index + TOKENS * 2 > table.length) return null;
  return starts.every((start, token) => table.readUInt16LE(index + token * 2) === start) ? index : null;
}

interface Names {
  names: number;
  count: number;
}

/**
 * The markers in front of the tokens tell where every 256th name begins, and so where the names begin, but for the length of the last of
 * them.
 */
function namesBefore(memory: GuestMemory, tokenTable: number): Names | null {
  const markers = markersBefore(memory, tokenTable);
  if (markers === null || markers.values.length < 2) return null;
  const { at, values } = markers;
  const [, second = 0] = values;
  if (second > MAX_GROUP_BYTES) return null;
  const highest = Math.floor((at - (values.at(-1) ?? 0)) / ALIGNMENT) * ALIGNMENT;
  const lowest = Math.max(ALIGNMENT, highest - MAX_GROUP_BYTES - ALIGNMENT);
  for (let names = highest; names >= lowest; names -= ALIGNMENT) {
    const head = window(memory, names - ALIGNMENT, ALIGNMENT);
    const count = head.length === ALIGNMENT ? head.readUInt32LE() : 0;
    if (Math.ceil(count / SYMBOLS_PER_MARKER) !== values.length) continue;
    if (recordsIn(window(memory, names, second)) === SYMBOLS_PER_MARKER) return { names, count };
  }
  return null;
}

/** They ascend from 0. */
function markersBefore(memory: GuestMemory, tokenTable: number): { at: number; values: number[] } | null {
  const room = Math.min(tokenTable, (MAX_SYMBOLS / SYMBOLS_PER_MARKER) * MARKER_BYTES + ALIGNMENT);
  const before = window(memory, tokenTable - room, room);
  // An odd number of them is filled up with a zero.
  let at = before.length - MARKER_BYTES;
  if (at >= 0 && before.readUInt32LE(at) === 0) at -= MARKER_BYTES;
  const values: number[] = [];
  for (let above = Infinity; at >= 0; at -= MARKER_BYTES) {
    const value = before.readUInt32LE(at);
    if (value >= above) return null;
    values.unshift(value);
    if (value === 0) return { at: tokenTable - room + at, values };
    above = value;
  }
  return null;
}

/** How many names exactly fill the bytes; 0 when none do. */
function recordsIn(bytes: Buffer): number {
  let at = 0;
  let count = 0;
  while (at < bytes.length) {
    const length = bytes[at] ?? 0;
    const isLong = length >= 0x80;
    if (length === 0) return 0;
    at += isLong ? 2 + ((length & 0x7f) | ((bytes[at + 1] ?? 0) << 7)) : 1 + length;
    count++;
  }
  return at === bytes.length ? count : 0;
}

function aligned(gpa: number): number {
  return Math.ceil(gpa / ALIGNMENT) * ALIGNMENT;
}
