import { ByteMemory, PageTableBuilder } from '../byte-memory';

const MIB = 1024 * 1024;
const LINKED_AT = 0xffff_ffff_8100_0000n;
const SYMBOLS_PER_MARKER = 256;
const TEXT = 'Linux version 6.12.7-small (someone@somewhere) #1 SMP\n';
const BUILD_ID = '00112233445566778899aabbccddeeff00112233';

/** Where things are in the image, from its beginning. */
const AT = { tables: 0x1000, banner: 0x40000, flag: 0x41000, notes: 0x42000, tokens: 0x50000 };

export interface SmallImage {
  memory: ByteMemory;
  /** Of the first byte. */
  gpa: number;
  /** Addresses of a boot. */
  symbols: ReadonlyMap<string, bigint>;
  release: string;
  buildId: string;
  /** Where kallsyms begins and ends. */
  tables: { start: number; end: number };
}

/** An image of 300 symbols in memory, with its page tables, as Linux 6.12 would have it. */
export function smallImage({ hasAbsolutes = true, levels = 4 as 4 | 5, moved = 0n, gpa = 4 * MIB } = {}): SmallImage {
  const memory = new ByteMemory(16 * MIB);
  const base = LINKED_AT + moved;
  const tables = new PageTableBuilder(memory, { levels, nextGpa: gpa + AT.tables });
  tables.map(base, gpa, 2);
  memory.bytes.write(TEXT, gpa + AT.banner, 'latin1');
  memory.bytes.writeUInt32LE(levels === 5 ? 1 : 0, gpa + AT.flag);
  const notesEnd = writeNotes(memory.bytes, gpa + AT.notes) - gpa;
  const symbols = new Map<string, bigint>([
    ...(hasAbsolutes ? [['per_cpu_counter', 0x40n] as const] : []),
    ['_text', base],
    ['init_top_pgt', base + BigInt(AT.tables)],
    ['linux_banner', base + BigInt(AT.banner)],
    ['__pgtable_l5_enabled', base + BigInt(AT.flag)],
    ['__start_notes', base + BigInt(AT.notes)],
    ['__stop_notes', base + BigInt(notesEnd)],
    ...Array.from({ length: 293 }, (_, index) => [`function_${index}`, base + 0x60000n + BigInt(index * 16)] as const),
  ]);
  const end = writeKallsyms(memory.bytes, gpa + AT.tokens, { symbols, base, hasAbsolutes });
  const [release = ''] = TEXT.split(' ').slice(2);
  return { memory, gpa, symbols, release, buildId: BUILD_ID, tables: { start: gpa + AT.tokens, end } };
}

/** One that says nothing, and the one with the build id. Gives where they end. */
function writeNotes(bytes: Buffer, start: number): number {
  let at = start;
  for (const { type, content } of [
    { type: 1, content: Buffer.alloc(6) },
    { type: 3, content: Buffer.from(BUILD_ID, 'hex') },
  ]) {
    at = bytes.writeUInt32LE(4, at);
    at = bytes.writeUInt32LE(content.length, at);
    at = bytes.writeUInt32LE(type, at);
    at += bytes.write('GNU\0', at, 'latin1');
    content.copy(bytes, at);
    at += Math.ceil(content.length / 4) * 4;
  }
  return at;
}

interface Kallsyms {
  symbols: ReadonlyMap<string, bigint>;
  base: bigint;
  hasAbsolutes: boolean;
}

/** A token for each character. Gives where the tables end. */
function writeKallsyms(bytes: Buffer, start: number, { symbols, base, hasAbsolutes }: Kallsyms): number {
  let at = aligned(bytes.writeUInt32LE(symbols.size, start));
  const names = at;
  const markers: number[] = [];
  for (const [index, name] of [...symbols.keys()].entries()) {
    if (index % SYMBOLS_PER_MARKER === 0) markers.push(at - names);
    at = bytes.writeUInt8(name.length + 1, at);
    at += bytes.write(`T${name}`, at, 'latin1');
  }
  at = aligned(at);
  for (const marker of markers) at = bytes.writeUInt32LE(marker, at);
  const tokens = aligned(at);
  const starts: number[] = [];
  at = tokens;
  for (let token = 0; token < 256; token++) {
    starts.push(at - tokens);
    at += bytes.write(token === 0 ? '\0' : `${String.fromCharCode(token)}\0`, at, 'latin1');
  }
  at = aligned(at);
  for (const from of starts) at = bytes.writeUInt16LE(from, at);
  for (const address of symbols.values()) at = bytes.writeInt32LE(offsetOf(address, { base, hasAbsolutes }), at);
  return bytes.writeBigUInt64LE(base, aligned(at));
}

function offsetOf(address: bigint, { base, hasAbsolutes }: Omit<Kallsyms, 'symbols'>): number {
  if (!hasAbsolutes) return Number(address - base);
  return address < base ? Number(address) : Number(base - 1n - address);
}

function aligned(at: number): number {
  return Math.ceil(at / 8) * 8;
}
