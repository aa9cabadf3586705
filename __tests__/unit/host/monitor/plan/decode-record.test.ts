import { expect, test } from '@jest/globals';

import { decodeRecord } from '../../../../../src/host/monitor/plan/decode-record';
import { encodePlan } from '../../../../../src/host/monitor/plan/encode-plan';
import { PLAN } from './small-plan';

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
