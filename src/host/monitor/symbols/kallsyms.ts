import { HarnessError } from '../../../errors';
import type { KernelMemory } from '../memory/kernel-memory';
import { SymbolNames } from './symbol-names';

/**
 * The kernel's own symbol table (scripts/kallsyms.c, kernel/kallsyms.c), as it lies in memory. `names` holds one record per symbol: a
 * length in one byte, or in two where the first has its high bit set, then as many token numbers. A token is one of 256 texts in
 * `token_table`, found through `token_index`; the texts of a record, one behind the other, are a letter for the kind and the name.
 * `offsets` holds an i32 per symbol, in the same order, which is that of addresses.
 */
export interface Kallsyms {
  names: SymbolNames;
  offsets: Int32Array;
  /** Whether values from 0 up are addresses as they are, and those below are counted down from the base. Per-CPU variables need it. */
  hasAbsolutes: boolean;
}

/** What VMCOREINFO says of where the tables are. */
export type TableAddresses = ReadonlyMap<string, bigint>;

const TOKENS = 256;
const MAX_SYMBOLS = 4_000_000;
/** One name of KSYM_NAME_LEN, 512 characters, compresses to fewer tokens. */
const MAX_RECORD_BYTES = 514;
const MAX_TOKEN_TABLE_BYTES = 64 * 1024;
const MAX_NAMES_BYTES = 32 * 1024 * 1024;

/** What tables are read from, by the addresses that they are given by. */
export type TableMemory = Pick<KernelMemory, 'read' | 'readU32' | 'readU64'>;

/** @throws {HarnessError} `decode` for tables that make no sense, `guest-memory` for ones that are not there */
export function readKallsyms(memory: TableMemory, tables: TableAddresses): Kallsyms {
  const { names, offsets, base } = readTables(memory, tables);
  return { names, offsets, hasAbsolutes: tellsAbsolutes({ names, offsets, base }, tables) };
}

/** The tables as they are, of which it is not known yet how the offsets are meant. */
export interface RawKallsyms extends Omit<Kallsyms, 'hasAbsolutes'> {
  /** Content of `kallsyms_relative_base`. */
  base: bigint;
}

/** @throws {HarnessError} `decode` for tables that make no sense, `guest-memory` for ones that are not there */
export function readTables(memory: TableMemory, tables: TableAddresses): RawKallsyms {
  const count = memory.readU32(tableAt(tables, 'num_syms'));
  if (count === 0 || count > MAX_SYMBOLS) throw refused('kallsyms_num_syms', `${count} symbols are not to be believed`);
  const tokens = readTokens(memory, tables);
  const names = new SymbolNames({ records: readNameTable(memory, tables, count), count, tokens });
  const raw = memory.read(tableAt(tables, 'offsets'), count * Int32Array.BYTES_PER_ELEMENT);
  const offsets = new Int32Array(raw.buffer, raw.byteOffset, count);
  return { names, offsets, base: memory.readU64(tableAt(tables, 'relative_base')) };
}

/** Address of a symbol. @param base content of `kallsyms_relative_base`, which is where the kernel was moved to */
export function symbolAddress({ offsets, hasAbsolutes }: Omit<Kallsyms, 'names'>, index: number, base: bigint): bigint {
  const offset = offsets[index] ?? 0;
  if (!hasAbsolutes) return base + BigInt(offset >>> 0);
  return offset >= 0 ? BigInt(offset) : base - 1n - BigInt(offset);
}

/** Where `kallsyms_<name>` is. */
export function tableAt(tables: TableAddresses, name: string): bigint {
  const address = tables.get(`kallsyms_${name}`);
  if (address !== undefined) return address;
  throw refused(`kallsyms_${name}`, 'VMCOREINFO does not say where it is (kernels before 6.0 do not)');
}

function readTokens(memory: TableMemory, tables: TableAddresses): string[] {
  const table = memory.read(tableAt(tables, 'token_table'), MAX_TOKEN_TABLE_BYTES);
  const index = memory.read(tableAt(tables, 'token_index'), TOKENS * 2);
  return Array.from({ length: TOKENS }, (_, token) => {
    const start = index.readUInt16LE(token * 2);
    const end = table.indexOf(0, start);
    if (end < 0) throw refused('kallsyms_token_table', `token ${token} has no end`);
    return table.toString('latin1', start, end);
  });
}

/** The tables lie side by side, so the next one bounds the names. */
function readNameTable(memory: TableMemory, tables: TableAddresses, count: number): Buffer {
  const start = tableAt(tables, 'names');
  const behind = [...tables].flatMap(([name, at]) => (name.startsWith('kallsyms_') && at > start ? [at] : []));
  const end = behind.reduce((least, at) => (at < least ? at : least), start + BigInt(count * MAX_RECORD_BYTES));
  const bytes = Number(end - start);
  if (bytes > MAX_NAMES_BYTES) throw refused('kallsyms_names', `no table follows within ${MAX_NAMES_BYTES} bytes`);
  return memory.read(start, bytes);
}

/**
 * VMCOREINFO gives the addresses of some symbols, and only one way to read the offsets gives the same. Of a few pointers it gives the value
 * in place of the address, so not all of them agree.
 */
function tellsAbsolutes({ names, offsets, base }: RawKallsyms, known: TableAddresses): boolean {
  const witnesses = [...known].flatMap(([name, address]) => {
    const index = names.find(name);
    return index === undefined ? [] : [{ index, address }];
  });
  const fitting = (hasAbsolutes: boolean): number =>
    witnesses.filter(({ index, address }) => symbolAddress({ offsets, hasAbsolutes }, index, base) === address).length;
  const [absolutes, plain] = [fitting(true), fitting(false)];
  if (Math.max(absolutes, plain) * 2 > witnesses.length) return absolutes > plain;
  throw refused('kallsyms_offsets', `they do not give the addresses of the ${witnesses.length} symbols that are known`);
}

function refused(at: string, problem: string): HarnessError {
  return new HarnessError('decode', { what: 'kallsyms', at, problem });
}
