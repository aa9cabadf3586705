import { expect, test } from '@jest/globals';
import { checkSpread, DEFAULT_MAX_SPREAD_PCT } from '../../../../src/verdict/checks/spread';
import type { CgroupEvidence } from '../../../../src/verdict/evidence';
import type { Thresholds } from '../../../../src/verdict/thresholds';
import { DEAD, evidence, MS } from '../reports';

/** Workers that were off the CPU for these percentages. */
function offCpu(...percentages: number[]): CgroupEvidence {
  return evidence(...percentages.map((pct) => ({ wallTimeNs: 100 * MS, cpuTimeNs: (100 - pct) * MS })));
}

test.each<{ thresholds: Thresholds }>([
  { thresholds: {} },
  { thresholds: { notStuck: false } },
  { thresholds: { notStuck: true, maxSpreadPct: false } },
])('checkSpread() is off with $thresholds', ({ thresholds }) => {
  expect(checkSpread(offCpu(0, 100), thresholds)).toEqual([]);
});

test.each<{ thresholds: Thresholds; limitPct: number }>([
  { thresholds: { maxSpreadPct: 0 }, limitPct: 0 },
  { thresholds: { maxSpreadPct: 40 }, limitPct: 40 },
  { thresholds: { notStuck: true }, limitPct: DEFAULT_MAX_SPREAD_PCT },
  { thresholds: { notStuck: true, maxSpreadPct: 40 }, limitPct: 40 },
])('checkSpread() passes at $limitPct points and fails above with $thresholds', ({ thresholds, limitPct }) => {
  expect(checkSpread(offCpu(10, 10 + limitPct), thresholds)).toEqual([]);
  const over = checkSpread(offCpu(10, 11 + limitPct), thresholds);
  expect(over).toEqual([expect.objectContaining({ kind: 'unfair', outcome: 'fail', cgroup: 'a' })]);
});

test('checkSpread() names both ends, the workers, the cpus and the threshold when it fails', () => {
  const workers = offCpu(50, 10, 75.5);
  workers.reports.forEach((report, i) => (report.cpusUsed = [i]));
  expect(checkSpread(workers, { notStuck: true }).map((detail) => detail.message)).toEqual([
    'cgroup "a" was unfair to its 3 workers on cpus 0-2: off the CPU were 10 % (pid 101) to 75.5 % (pid 102), ' +
      'a spread of 65.5 points; maxSpreadPct is 15',
  ]);
});

test('checkSpread() does not apply to a single worker when only notStuck asks for it', () => {
  expect(checkSpread(offCpu(90), { notStuck: true })).toEqual([]);
});

test.each([
  { name: 'a single worker', workers: offCpu(90), thresholds: { maxSpreadPct: 15 } },
  { name: 'no worker', workers: evidence(), thresholds: { notStuck: true } },
  { name: 'one of two workers dead', workers: evidence({}, DEAD), thresholds: { notStuck: true } },
  {
    name: 'one of two workers without wall time',
    workers: evidence({}, { wallTimeNs: 0 }),
    thresholds: { notStuck: true },
  },
])('checkSpread() is inconclusive with $name and $thresholds', ({ workers, thresholds }) => {
  expect(checkSpread(workers, thresholds)).toEqual([
    expect.objectContaining({ kind: 'unfair', outcome: 'inconclusive', cgroup: 'a' }),
  ]);
});
