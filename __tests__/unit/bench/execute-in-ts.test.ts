import { expect, test } from '@jest/globals';

import { executeInTs } from '../../../bench/execute-in-ts';
import { KernelMemory } from '../../../src/host/monitor/memory/kernel-memory';
import { ByteMemory, PageTableBuilder } from '../host/monitor/byte-memory';

const MIB = 2 ** 20;
const KVA = 0xffff_ffff_8200_0000n;

/** Counts the reads of its first eight bytes, and may change them with each. */
class GuardMemory extends ByteMemory {
  reads = 0;
  readonly #isMoving: boolean;

  constructor(isMoving: boolean) {
    super(4 * MIB);
    this.#isMoving = isMoving;
  }

  override read(gpa: number, length: number): Buffer {
    const bytes = super.read(gpa, length);
    if (gpa === 0) this.reads++;
    if (gpa === 0 && this.#isMoving) this.bytes.writeUInt32LE(this.reads, 0);
    return bytes;
  }
}

function memoryOf(physical: ByteMemory): KernelMemory {
  const tables = new PageTableBuilder(physical, { levels: 4, nextGpa: 3 * MIB });
  tables.map(KVA, 0, 2);
  return new KernelMemory(physical, { rootGpa: tables.rootGpa, levels: 4 });
}

test('executeInTs() follows pointers; one that is null or leads nowhere gives no value', () => {
  const physical = new ByteMemory(4 * MIB);
  physical.bytes.writeBigUInt64LE(KVA + 0x100n, 0x10);
  physical.bytes.writeBigUInt64LE(1n, 0x18);
  physical.bytes.write('value', 0x108);
  const values = executeInTs(memoryOf(physical), {
    expressions: [
      { base: KVA, steps: [0x10], offset: 8, length: 5 },
      { base: KVA, steps: [0x18], length: 5 },
      { base: KVA, steps: [0x20], length: 5 },
    ],
    groups: [],
    threads: [],
  });
  expect(values.map((value) => value?.toString() ?? null)).toEqual(['value', null, null]);
});

test.each([
  { name: 'stands still', isMoving: false, reads: 2 },
  { name: 'never stands still', isMoving: true, reads: 8 },
])('executeInTs() reads the guard of a group $reads times when it $name', ({ isMoving, reads }) => {
  const physical = new GuardMemory(isMoving);
  const plan = { expressions: [{ base: KVA, length: 8 }], groups: [{ first: 0, count: 1 }], threads: [] };
  executeInTs(memoryOf(physical), plan);
  expect(physical.reads).toBe(reads);
});
