import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';

import { KernelMemory } from '../../../../../src/host/monitor/memory/kernel-memory';
import { findPage, mappedPages } from '../../../../../src/host/monitor/memory/page-tables';
import { ByteMemory, PageTableBuilder } from '../byte-memory';

const MIB = 1024 * 1024;
const KVA = 0xffff_8881_2345_6000n;

function build(levels: 4 | 5): { memory: ByteMemory; tables: PageTableBuilder; kernel: KernelMemory } {
  const memory = new ByteMemory(8 * MIB);
  const tables = new PageTableBuilder(memory, { levels, nextGpa: MIB });
  return { memory, tables, kernel: new KernelMemory(memory, { rootGpa: tables.rootGpa, levels }) };
}

describe.each([4, 5] as const)('KernelMemory with %i levels', (levels) => {
  test.each([
    { name: '4 KiB', level: 1, gpa: 0x5000, address: KVA, at: 0x5123 },
    { name: '2 MiB', level: 2, gpa: 4 * MIB, address: KVA & ~0x1f_ffffn, at: 4 * MIB + 0x123 },
    { name: '1 GiB', level: 3, gpa: 0, address: KVA & ~0x3fff_ffffn, at: 0x123 },
  ])('translates through a page of $name', ({ level, gpa, address, at }) => {
    const { tables, kernel } = build(levels);
    tables.map(address, gpa, level);
    expect(kernel.translate(address + 0x123n)).toBe(at);
  });

  test('reads and writes across pages that lie apart', () => {
    const { memory, tables, kernel } = build(levels);
    tables.map(KVA, 0x9000);
    tables.map(KVA + 4096n, 0x3000);
    memory.bytes.write('ab', 0x9ffe);
    memory.bytes.write('cd', 0x3000);
    expect(kernel.read(KVA + 4094n, 4).toString()).toBe('abcd');
    kernel.write(KVA + 4095n, Buffer.from('XY'));
    expect(kernel.readText(KVA + 4094n, 16)).toBe('aXYd');
  });

  test('finds nothing where nothing is mapped', () => {
    const { tables, kernel } = build(levels);
    tables.map(KVA, 0x9000);
    expect(kernel.translate(KVA + 4096n)).toBeNull();
    expect(kernel.translate(0n)).toBeNull();
  });
});

describe('KernelMemory', () => {
  test.each([
    { name: 'runs into a page that is not mapped', gpa: 0x9000, address: KVA + 4090n, says: 'nothing is mapped there' },
    { name: 'is mapped outside of RAM', gpa: 64 * MIB, address: KVA, says: 'mapped to 0x4000000, which is not RAM' },
  ])('refuses a read that $name', ({ gpa, address, says }) => {
    const { tables, kernel } = build(4);
    tables.map(KVA, gpa);
    expect(() => kernel.read(address, 8)).toThrow(says);
  });

  test('writes nothing of a range that is mapped in part', () => {
    const { memory, tables, kernel } = build(4);
    tables.map(KVA, 0x9000);
    expect(() => kernel.write(KVA + 4094n, Buffer.from('1234'))).toThrow('nothing is mapped there');
    expect(memory.bytes.readUInt16LE(0x9ffe)).toBe(0);
  });

  test('refuses a length that no structure has', () => {
    const { kernel } = build(4);
    expect(() => kernel.read(KVA, 2 ** 40)).toThrow('at a time');
  });

  test('sees a page that was mapped anew after forget()', () => {
    const { tables, kernel } = build(4);
    tables.map(KVA, 0x9000);
    expect(kernel.translate(KVA)).toBe(0x9000);
    tables.map(KVA, 0xa000);
    kernel.forget();
    expect(kernel.translate(KVA)).toBe(0xa000);
  });
});

describe('mappedPages()', () => {
  const GIB = 1n << 30n;
  const START = KVA & ~(GIB - 1n);
  const pages = (
    memory: ByteMemory,
    { rootGpa }: { rootGpa: number },
    range = { start: START, end: START + 4n * GIB },
  ) => [...mappedPages(memory, { rootGpa, levels: 4 }, range)];

  test('finds the pages of a range, be they small or large, in their order', () => {
    const { memory, tables } = build(4);
    const there = [START, START + 0x5000n, START + 0x40_0000n, START + GIB, START + 3n * GIB + 0x7000n];
    for (const address of there.toReversed()) tables.map(address, 0x9000, address === START + GIB ? 3 : 1);
    tables.map(START + 4n * GIB, 0x9000);
    expect(pages(memory, tables)).toEqual(there);
  });

  test('ends with the range, within a table', () => {
    const { memory, tables } = build(4);
    for (let page = 0n; page < 8n; page++) tables.map(START + page * 4096n, 0x9000);
    expect(pages(memory, tables, { start: START + 8192n, end: START + 16_384n })).toEqual([
      START + 8192n,
      START + 12_288n,
    ]);
  });

  test('ends in any memory', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 4096, maxLength: 4096 }), (bytes) => {
        const memory = new ByteMemory(16 * 4096);
        for (let page = 0; page < 16; page++) memory.bytes.set(bytes, page * 4096);
        const found = pages(memory, { rootGpa: 0 }, { start: START, end: START + GIB });
        expect(found.length).toBeLessThanOrEqual(2 ** 18);
      }),
      { numRuns: 10 },
    );
  });
});

describe('findPage()', () => {
  test('ends at a table that points to itself', () => {
    const { memory, tables } = build(4);
    for (let index = 0; index < 512; index++) tables.setEntry(tables.rootGpa, index, BigInt(tables.rootGpa) | 1n);
    expect(findPage(memory, { rootGpa: tables.rootGpa, levels: 4 }, KVA)).toEqual({ gpa: tables.rootGpa, bytes: 4096 });
  });

  test('finds a page in RAM or nothing in any memory', () => {
    const image = fc.uint8Array({ minLength: 4096, maxLength: 4096 });
    fc.assert(
      fc.property(
        image,
        fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }),
        fc.constantFrom(4 as const, 5 as const),
        (bytes, address, levels) => {
          const memory = new ByteMemory(16 * 4096);
          for (let page = 0; page < 16; page++) memory.bytes.set(bytes, page * 4096);
          const page = findPage(memory, { rootGpa: 0, levels }, address);
          if (page !== null) expect([4096, 2 ** 21, 2 ** 30]).toContain(page.bytes);
        },
      ),
    );
  });
});
