import { expect, test } from '@jest/globals';
import { checkStarved } from '../../../../src/verdict/checks/starved';
import { DEAD, evidence, MS } from '../reports';

test.each([{ thresholds: {} }, { thresholds: { notStuck: false } }])(
  'checkStarved() is off with $thresholds',
  ({ thresholds }) => {
    expect(checkStarved(evidence({ workUnits: 0 }), thresholds)).toEqual([]);
  },
);

test('checkStarved() passes when every worker did a work unit', () => {
  expect(checkStarved(evidence({ workUnits: 1 }, {}), { notStuck: true })).toEqual([]);
});

test('checkStarved() fails for each worker without work', () => {
  const workers = evidence({}, { workUnits: 0, wallTimeNs: 2000 * MS, cpuTimeNs: 0.5 * MS });
  expect(checkStarved(workers, { notStuck: true })).toEqual([
    {
      kind: 'starved',
      outcome: 'fail',
      cgroup: 'a',
      message:
        'worker 1 (pid 101, SpinWait) of cgroup "a" did not do a single work unit in 2000 ms of wall time, 0.5 ms of it on a cpu',
    },
  ]);
});

test.each([
  { name: 'there is no worker', workers: evidence() },
  { name: 'every worker died', workers: evidence(DEAD) },
])('checkStarved() is inconclusive when $name', ({ workers }) => {
  expect(checkStarved(workers, { notStuck: true })).toEqual([
    {
      kind: 'starved',
      outcome: 'inconclusive',
      cgroup: 'a',
      message: 'notStuck of cgroup "a" is not judged: no worker completed',
    },
  ]);
});
