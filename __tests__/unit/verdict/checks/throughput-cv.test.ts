import { expect, test } from '@jest/globals';
import { checkThroughputCv } from '../../../../src/verdict/checks/throughput-cv';
import type { CgroupEvidence } from '../../../../src/verdict/evidence';
import { DEAD, evidence, MS } from '../reports';

/** Workers that did this many work units in one CPU second each. */
function rates(...workUnits: number[]): CgroupEvidence {
  return evidence(...workUnits.map((units) => ({ workUnits: units, cpuTimeNs: 1000 * MS })));
}

test.each([{ thresholds: {} }, { thresholds: { maxThroughputCv: false as const } }])(
  'checkThroughputCv() is off with $thresholds',
  ({ thresholds }) => {
    expect(checkThroughputCv(rates(1, 1000), thresholds)).toEqual([]);
  },
);

test.each([
  { limit: 0, workers: rates(5, 5) },
  { limit: 0.5, workers: rates(1, 3) },
  { limit: 0.51, workers: rates(1, 3) },
])('checkThroughputCv() passes when the CV is at most $limit', ({ limit, workers }) => {
  expect(checkThroughputCv(workers, { maxThroughputCv: limit })).toEqual([]);
});

test('checkThroughputCv() names the rates, the CV and the threshold when it fails', () => {
  expect(checkThroughputCv(rates(100, 300), { maxThroughputCv: 0.49 })).toEqual([
    {
      kind: 'benchmark',
      outcome: 'fail',
      cgroup: 'a',
      message:
        'the 2 workers of cgroup "a" did 100 to 300 work units per CPU second, a CV of 0.5; maxThroughputCv is 0.49',
    },
  ]);
});

test.each([
  { name: 'one worker', workers: rates(5) },
  { name: 'no work at all', workers: rates(0, 0) },
  { name: 'one worker alive', workers: evidence({}, DEAD) },
  { name: 'one of three workers without CPU time', workers: evidence({}, {}, { cpuTimeNs: 0 }) },
])('checkThroughputCv() is inconclusive with $name', ({ workers }) => {
  expect(checkThroughputCv(workers, { maxThroughputCv: 10 })).toEqual([
    expect.objectContaining({ kind: 'benchmark', outcome: 'inconclusive', cgroup: 'a' }),
  ]);
});

test('checkThroughputCv() fails by the other workers when one has no CPU time', () => {
  const workers = evidence({ workUnits: 1 }, { workUnits: 9 }, { cpuTimeNs: 0 });
  expect(checkThroughputCv(workers, { maxThroughputCv: 0.1 })).toEqual([expect.objectContaining({ outcome: 'fail' })]);
});
