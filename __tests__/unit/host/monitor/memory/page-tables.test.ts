import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';

import { findPage, mappedPages } from '../../../../../src/host/monitor/memory/page-tables';
import { ByteMemory, PageTableBuilder } from '../byte-memory';

const MIB = 1024 * 1024;
const KVA = 0xffff_8881_2345_6000n;
const RAM_PAGES = 16;
/** More than there are, so that some tables lie outside of RAM. */
const NAMED_PAGES = 20;

/** Present more often than not, as a walk goes through up to five of them. */
const entry = fc
  .record({
    page: fc.bigInt({ min: 0n, max: BigInt(NAMED_PAGES - 1) }),
    flags: fc.bigInt({ min: 0n, max: 0xfffn }),
    present: fc.oneof({ weight: 7, arbitrary: fc.constant(1n) }, fc.constant(0n)),
    noExecute: fc.bigInt({ min: 0n, max: 1n }),
  })
  .map(({ page, flags, present, noExecute }) => (noExecute << 63n) | (page << 12n) | (flags & ~1n) | present);

/** RAM that is full of tables. */
const ram = fc.array(entry, { minLength: 1, maxLength: 64 }).map((entries) => {
  const memory = new ByteMemory(RAM_PAGES * 4096);
  memory.bytes.fill(Buffer.from(BigUint64Array.from(entries).buffer));
  return memory;
});

describe('findPage()', () => {
  test('ends at a table that points to itself', () => {
    const memory = new ByteMemory(8 * MIB);
    const tables = new PageTableBuilder(memory, { levels: 4, nextGpa: MIB });
    for (let index = 0; index < 512; index++) tables.setEntry(tables.rootGpa, index, BigInt(tables.rootGpa) | 1n);
    expect(findPage(memory, { rootGpa: tables.rootGpa, levels: 4 }, KVA)).toEqual({ gpa: tables.rootGpa, bytes: 4096 });
  });

  test('gives an aligned page or nothing, and ends, in any memory', () => {
    const found = new Map<number, number>();
    fc.assert(
      fc.property(
        ram,
        fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }),
        fc.constantFrom(4 as const, 5 as const),
        (memory, address, levels) => {
          const page = findPage(memory, { rootGpa: 0, levels }, address);
          if (page === null) return;
          found.set(page.bytes, (found.get(page.bytes) ?? 0) + 1);
          expect([4096, 2 ** 21, 2 ** 30]).toContain(page.bytes);
          expect(page.gpa % page.bytes).toBe(0);
        },
      ),
      { numRuns: 1000 },
    );
    for (const bytes of [4096, 2 ** 21, 2 ** 30]) expect(found.get(bytes)).toBeGreaterThan(0);
  });
});

describe('mappedPages()', () => {
  const build = (): { memory: ByteMemory; tables: PageTableBuilder } => {
    const memory = new ByteMemory(8 * MIB);
    return { memory, tables: new PageTableBuilder(memory, { levels: 4, nextGpa: MIB }) };
  };
  const GIB = 1n << 30n;
  const START = KVA & ~(GIB - 1n);
  const pages = (
    memory: ByteMemory,
    { rootGpa }: { rootGpa: number },
    range = { start: START, end: START + 4n * GIB },
  ) => [...mappedPages(memory, { rootGpa, levels: 4 }, range)];

  test('finds the pages of a range, be they small or large, in their order', () => {
    const { memory, tables } = build();
    const there = [START, START + 0x5000n, START + 0x40_0000n, START + GIB, START + 3n * GIB + 0x7000n];
    for (const address of there.toReversed()) tables.map(address, 0x9000, address === START + GIB ? 3 : 1);
    tables.map(START + 4n * GIB, 0x9000);
    expect(pages(memory, tables)).toEqual(there);
  });

  test('ends with the range, within a table', () => {
    const { memory, tables } = build();
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
