import { expect, test } from '@jest/globals';
import { checkIsolation } from '../../../../src/verdict/checks/isolation';
import { DEAD, evidence, MS } from '../reports';

test.each([{ thresholds: {} }, { thresholds: { isolation: false } }])(
  'checkIsolation() is off with $thresholds',
  ({ thresholds }) => {
    expect(checkIsolation(evidence({ cpusUsed: [7] }), thresholds)).toEqual([]);
  },
);

test('checkIsolation() passes when every CPU used lies in the cpuset', () => {
  expect(checkIsolation(evidence({ cpusUsed: [0, 1] }, { cpusUsed: [1] }), { isolation: true })).toEqual([]);
});

test('checkIsolation() names the CPUs outside, the first move there and the cpuset when it fails', () => {
  const migrations = [
    { atNs: 50 * MS, from: 0, to: 1 },
    { atNs: 120.5 * MS, from: 1, to: 3 },
    { atNs: 300 * MS, from: 3, to: 2 },
  ];
  const workers = evidence({}, { cpusUsed: [0, 1, 2, 3], migrations });
  expect(checkIsolation(workers, { isolation: true })).toEqual([
    {
      kind: 'isolation',
      outcome: 'fail',
      cgroup: 'a',
      message:
        'worker 1 (pid 101, SpinWait) of cgroup "a" ran on cpus 2-3 (moved to cpu 3 120.5 ms after the start), ' +
        'outside of its cpuset: cpus 0-1',
    },
  ]);
});

test('checkIsolation() fails when no recorded move leads outside', () => {
  expect(checkIsolation(evidence({ cpusUsed: [5] }), { isolation: true }).map((detail) => detail.message)).toEqual([
    'worker 0 (pid 100, SpinWait) of cgroup "a" ran on cpu 5, outside of its cpuset: cpus 0-1',
  ]);
});

test.each([
  { name: 'no worker completed', workers: evidence(DEAD) },
  { name: 'a worker passed no checkpoint', workers: evidence({}, { cpusUsed: [] }) },
  { name: 'the cpuset is not known', workers: { ...evidence({}), cpuset: [] } },
])('checkIsolation() is inconclusive when $name', ({ workers }) => {
  expect(checkIsolation(workers, { isolation: true })).toEqual([
    expect.objectContaining({ kind: 'isolation', outcome: 'inconclusive', cgroup: 'a' }),
  ]);
});
