import { expect, test } from '@jest/globals';

import { decodeRecord } from '../../../../../src/host/monitor/plan/decode-record';
import { encodePlan } from '../../../../../src/host/monitor/plan/encode-plan';

const PLAN = {
  expressions: [
    { base: 0xffff_ffff_8123_4560n, length: 8 },
    { base: 0x10n, steps: [16, -8], offset: -1, length: 5, every: 10 },
    { base: 0x20n, length: 4 },
  ],
  groups: [{ first: 0, count: 2 }],
  threads: [{ pid: 7, tid: 9 }],
  threadsEvery: 3,
};

test('encodePlan() writes the records of native/abi/monitor.h', () => {
  const words = (values: readonly (number | bigint)[]): string =>
    values
      .map((value) => Buffer.from(BigUint64Array.of(BigInt.asUintN(64, BigInt(value))).buffer).toString('hex'))
      .join('');
  const pair = (low: number, high: number): bigint => BigInt(low) | (BigInt(high) << 32n);
  const header = [pair(3, 1), pair(1, 3), pair(24, 0)];
  const expressions = [
    ...[0xffff_ffff_8123_4560n, 0, 0, 0, 0, 0, 0, 0, pair(0, 8), pair(0, 1)],
    ...[0x10, 16, -8, 0, 0, 0, 0, -1, pair(2, 5), pair(8, 10)],
    ...[0x20, 0, 0, 0, 0, 0, 0, 0, pair(0, 4), pair(16, 1)],
  ];
  const { bytes, recordBytes } = encodePlan(PLAN);
  expect(bytes.toString('hex')).toBe(words([...header, ...expressions, pair(0, 2), pair(7, 9)]));
  // Header, two bitmaps of a word, a reading, three values.
  expect(recordBytes).toBe(48 + 8 + 8 + 24 + 24);
});

test('encodePlan() refuses an expression of seven steps', () => {
  const expression = { base: 0n, steps: [0, 0, 0, 0, 0, 0, 0], length: 8 };
  expect(() => encodePlan({ expressions: [expression], groups: [], threads: [] })).toThrow(RangeError);
});

/** The record of a sample in which the second expression led nowhere. */
function record(): Buffer {
  const words = [4n, 1000n, 20n, 6n, 2n | (1n << 32n), 5n | (1n << 32n), 0b101n, 1n, 11n, 12n, 1n, 99n, 0n, 77n];
  return Buffer.from(BigUint64Array.from(words).buffer);
}

test('decodeRecord() gives the header, the readings and the values that are known', () => {
  const decoded = decodeRecord(encodePlan(PLAN), record());
  expect(decoded).toMatchObject({
    ...{ sequence: 4n, hostNs: 1000n, durationNs: 20n, dropped: 6n },
    ...{ retries: 2, rejects: 1, skipped: 5, consistent: [true] },
    ...{ threads: [{ cpuNs: 11n, runDelayNs: 12n }], threadsRead: true },
  });
  expect(decoded.u64(0)).toBe(99n);
  expect(decoded.value(1)).toBeNull();
  expect(decoded.u32(2)).toBe(77);
  expect(() => decoded.value(3)).toThrow(RangeError);
});

test('decodeRecord() refuses bytes that are no record of the plan', () => {
  const plan = encodePlan(PLAN);
  for (const bytes of [Buffer.alloc(0), record().subarray(1), Buffer.concat([record(), Buffer.alloc(8)])])
    expect(() => decodeRecord(plan, bytes)).toThrow(expect.objectContaining({ code: 'decode' }));
});
