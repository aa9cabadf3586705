import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';

import { findPage } from '../../../../../src/host/monitor/memory/page-tables';
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
