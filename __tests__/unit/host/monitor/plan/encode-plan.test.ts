import { expect, test } from '@jest/globals';

import { encodePlan } from '../../../../../src/host/monitor/plan/encode-plan';
import { PLAN } from './small-plan';

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
