import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';

import { isHarnessError } from '../../../../../src/errors';
import { KernelMemory } from '../../../../../src/host/monitor/memory/kernel-memory';
import { readKallsyms, symbolAddress } from '../../../../../src/host/monitor/symbols/kallsyms';
import { KernelSymbols } from '../../../../../src/host/monitor/symbols/kernel-symbols';
import { ByteMemory, PageTableBuilder } from '../byte-memory';
import { FUZZ_CASES, FUZZ_TIMEOUT_MS } from '../fuzz-cases';

const MIB = 1024 * 1024;
const BASE = 0xffff_ffff_8100_0000n;
const TABLES = 0xffff_ffff_8200_0000n;
const PLACES = {
  num_syms: 0,
  names: 0x100,
  token_table: 0x8000,
  token_index: 0x20000,
  offsets: 0x21000,
  relative_base: 0x28000,
};
type Place = keyof typeof PLACES;

interface Symbol {
  name: string;
  address: bigint;
}

const SYMBOLS: Symbol[] = [
  { name: 'per_cpu_counter', address: 0x1f40n },
  { name: '_stext', address: BASE },
  { name: 'do_something', address: BASE + 0x1200n },
  { name: 'x'.repeat(300), address: BASE + 0x1300n },
  { name: 'init_task', address: BASE + 0x123_4560n },
];

/** The tables with one token per character, as a kernel with per-CPU offsets (`hasAbsolutes`) or one without has them. */
function encode(
  symbols: readonly Symbol[],
  hasAbsolutes: boolean,
): { memory: ByteMemory; kernel: KernelMemory; addresses: Map<string, bigint> } {
  const memory = new ByteMemory(4 * MIB);
  const tables = new PageTableBuilder(memory, { levels: 4, nextGpa: 3 * MIB });
  tables.map(TABLES, 0, 2);
  memory.bytes.writeUInt32LE(symbols.length, PLACES.num_syms);
  let at = PLACES.names;
  symbols.forEach(({ name, address }, index) => {
    const text = `T${name}`;
    if (text.length >= 0x80) at = memory.bytes.writeUInt8((text.length & 0x7f) | 0x80, at);
    at = memory.bytes.writeUInt8(text.length >= 0x80 ? text.length >> 7 : text.length, at);
    at += memory.bytes.write(text, at, 'latin1');
    memory.bytes.writeInt32LE(offsetOf(address, hasAbsolutes), PLACES.offsets + index * 4);
  });
  for (let token = 0; token < 256; token++) {
    memory.bytes.writeUInt8(token, PLACES.token_table + token * 2);
    memory.bytes.writeUInt16LE(token * 2, PLACES.token_index + token * 2);
  }
  memory.bytes.writeBigUInt64LE(BASE, PLACES.relative_base);
  const addresses = new Map<string, bigint>([
    ['_stext', BASE],
    ['a_pointer', 1n],
  ]);
  for (const place of Object.keys(PLACES) as Place[])
    addresses.set(`kallsyms_${place}`, TABLES + BigInt(PLACES[place]));
  return { memory, kernel: new KernelMemory(memory, { rootGpa: tables.rootGpa, levels: 4 }), addresses };
}

function offsetOf(address: bigint, hasAbsolutes: boolean): number {
  if (!hasAbsolutes) return Number(address - BASE);
  return address < BASE ? Number(address) : Number(BASE - 1n - address);
}

describe('readKallsyms()', () => {
  test.each([
    { name: 'with per-CPU offsets', symbols: SYMBOLS, hasAbsolutes: true },
    { name: 'relative to a base', symbols: SYMBOLS.slice(1), hasAbsolutes: false },
  ])('decodes a table $name', ({ symbols, hasAbsolutes }) => {
    const { kernel, addresses } = encode(symbols, hasAbsolutes);
    const kallsyms = readKallsyms(kernel, addresses);
    expect(kallsyms.hasAbsolutes).toBe(hasAbsolutes);
    const decoded = symbols.map((_, index) => ({
      name: kallsyms.names.text(index),
      address: symbolAddress(kallsyms, index, BASE),
    }));
    expect(decoded).toEqual(symbols);
    expect(symbols.map(({ name }) => kallsyms.names.find(name))).toEqual([...symbols.keys()]);
  });

  test.each([
    { name: 'no symbols', place: 'num_syms' as const, value: 0, says: '0 symbols' },
    { name: 'more symbols than a kernel has', place: 'num_syms' as const, value: 2 ** 31, says: 'not to be believed' },
    { name: 'a name without tokens', place: 'names' as const, value: 0, says: 'has 0 tokens' },
    {
      name: 'another base',
      place: 'relative_base' as const,
      value: 5,
      says: 'do not give the addresses of the 1 symbols',
    },
  ])('refuses $name', ({ place, value, says }) => {
    const { memory, kernel, addresses } = encode(SYMBOLS, true);
    memory.bytes.writeUInt32LE(value, PLACES[place]);
    expect(() => readKallsyms(kernel, addresses)).toThrow(says);
  });

  test('refuses a kernel that does not tell where its tables are', () => {
    const { kernel, addresses } = encode(SYMBOLS, true);
    addresses.delete('kallsyms_offsets');
    expect(() => readKallsyms(kernel, addresses)).toThrow('kallsyms_offsets');
  });

  test(
    'decodes or refuses with a typed error whatever bytes are changed',
    () => {
      const change = fc.tuple(fc.integer({ min: 0, max: 0x28010 }), fc.integer({ min: 0, max: 255 }));
      const { memory, kernel, addresses } = encode(SYMBOLS, true);
      const whole = Buffer.from(memory.bytes);
      fc.assert(
        fc.property(fc.array(change, { maxLength: 20 }), (changes) => {
          for (const [at, value] of changes) memory.bytes[at] = value;
          try {
            readKallsyms(kernel, addresses);
          } catch (error) {
            expect(isHarnessError(error)).toBe(true);
          }
          for (const [at] of changes) memory.bytes[at] = whole[at] ?? 0;
        }),
        { numRuns: FUZZ_CASES },
      );
    },
    FUZZ_TIMEOUT_MS,
  );
});

describe('KernelSymbols', () => {
  const { kernel, addresses } = encode(SYMBOLS, true);
  const symbols = new KernelSymbols(readKallsyms(kernel, addresses), BASE);

  test('finds an address by its name', () => {
    expect(symbols.find('init_task')).toBe(BASE + 0x123_4560n);
    expect(symbols.find('per_cpu_counter')).toBe(0x1f40n);
    expect(symbols.find('nothing')).toBeUndefined();
    expect(() => symbols.need('nothing')).toThrow('"nothing"');
  });

  test.each([
    { address: BASE, at: { name: '_stext', offset: 0n } },
    { address: BASE + 0x11ffn, at: { name: '_stext', offset: 0x11ffn } },
    { address: BASE + 0x1200n, at: { name: 'do_something', offset: 0n } },
    { address: BASE - 1n, at: null },
    { address: BASE + 0x1000_0000n, at: null },
  ])('names what is at $address', ({ address, at }) => {
    expect(symbols.at(address)).toEqual(at);
  });

  test.each([
    { name: 'with per-CPU offsets', hasAbsolutes: true },
    { name: 'relative to a base', hasAbsolutes: false },
  ])(
    'at() names the first of symbols that share an address, and takes tables in any order: $name',
    ({ hasAbsolutes }) => {
      const shuffled = [
        { name: 'last', address: BASE + 0x2000n },
        { name: '_stext', address: BASE },
        { name: 'alias_of_stext', address: BASE },
        { name: 'middle', address: BASE + 0x1000n },
      ];
      const table = encode(shuffled, hasAbsolutes);
      const found = new KernelSymbols(readKallsyms(table.kernel, table.addresses), BASE);
      const names = [0n, 0x1001n, 0x2001n].map((offset) => found.at(BASE + offset)?.name);
      expect(names).toEqual(['_stext', 'middle', 'last']);
    },
  );
});
