import { expect, test } from '@jest/globals';
import { checkGap, DEFAULT_MAX_GAP_MS } from '../../../../src/verdict/checks/gap';
import type { Thresholds } from '../../../../src/verdict/thresholds';
import { DEAD, evidence, MS, START_NS } from '../reports';

test.each<{ thresholds: Thresholds }>([
  { thresholds: {} },
  { thresholds: { notStuck: false } },
  { thresholds: { notStuck: true, maxGapMs: false } },
])('checkGap() is off with $thresholds', ({ thresholds }) => {
  expect(checkGap(evidence({ maxGapNs: 60_000 * MS }), thresholds)).toEqual([]);
});

test.each<{ thresholds: Thresholds; limitMs: number }>([
  { thresholds: { maxGapMs: 50 }, limitMs: 50 },
  { thresholds: { notStuck: true }, limitMs: DEFAULT_MAX_GAP_MS },
  { thresholds: { notStuck: true, maxGapMs: 3000 }, limitMs: 3000 },
  { thresholds: { notStuck: false, maxGapMs: 50 }, limitMs: 50 },
])('checkGap() passes at $limitMs ms and fails above with $thresholds', ({ thresholds, limitMs }) => {
  expect(checkGap(evidence({ maxGapNs: limitMs * MS }), thresholds)).toEqual([]);
  const over = evidence({ maxGapNs: limitMs * MS + 1 });
  expect(checkGap(over, thresholds)).toEqual([expect.objectContaining({ kind: 'stuck', outcome: 'fail' })]);
});

test('checkGap() names the worker, the cpu, the time offset and the threshold when it fails', () => {
  const workers = evidence({}, { maxGapNs: 2350.25 * MS, maxGapCpu: 3, maxGapAtNs: 4100 * MS });
  expect(checkGap(workers, { notStuck: true }).map((detail) => detail.message)).toEqual([
    'worker 1 (pid 101, SpinWait) of cgroup "a" was stuck for 2350.25 ms on cpu 3, until 4100 ms after the start; maxGapMs is 2000',
  ]);
});

test.each([
  { name: 'the last milliseconds of a long gap', gapMs: 300, beforeEndMs: 10 },
  { name: 'the middle of a short one', gapMs: 8, beforeEndMs: 4 },
])('checkGap() tells an instant in $name', ({ gapMs, beforeEndMs }) => {
  const workers = evidence({ maxGapNs: gapMs * MS, maxGapAtNs: 1000 * MS });
  expect(checkGap(workers, { maxGapMs: 1 })).toMatchObject([{ atNs: START_NS + (1000 - beforeEndMs) * MS }]);
});

test('checkGap() is inconclusive when a worker passed no checkpoint', () => {
  expect(checkGap(evidence({}, { cpusUsed: [], maxGapNs: 0 }), { maxGapMs: 50 })).toEqual([
    {
      kind: 'stuck',
      outcome: 'inconclusive',
      cgroup: 'a',
      message: 'maxGapMs of cgroup "a" is not judged: worker 1 (pid 101) passed no checkpoint',
    },
  ]);
});

test('checkGap() is inconclusive when no worker completed', () => {
  expect(checkGap(evidence(DEAD), { maxGapMs: 50 })).toEqual([expect.objectContaining({ outcome: 'inconclusive' })]);
});
