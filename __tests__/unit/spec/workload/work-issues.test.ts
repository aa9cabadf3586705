import { expect, test } from '@jest/globals';
import { groupSizeIssues, workIssues } from '../../../../src/spec/workload/work-issues';
import type { WorkSpec } from '../../../../src/spec/workload/work-spec';

test('workIssues() tells nothing when the group is possible', () => {
  expect(workIssues({ workType: 'SpinWait', workers: 3 })).toEqual([]);
  expect(workIssues({ workType: 'SpinWait' })).toEqual([]);
});

test('workIssues() judges the default count when the group gives none', () => {
  expect(workIssues({ workType: 'SpinWait' }, 0)).toEqual([
    { option: 'workers', value: '0', allowed: 'a whole number from 1 to 4096', example: 'workers: 2' },
  ]);
  expect(workIssues({ workType: 'SpinWait', workers: 1 }, 0)).toEqual([]);
});

test('workIssues() names a field that does not exist', () => {
  const work: WorkSpec = Object.assign({ workType: 'SpinWait' as const }, { worker: 2 });
  expect(workIssues(work)).toEqual([
    expect.objectContaining({ option: 'worker', value: '2', allowed: 'no such field; there are workers, workType' }),
  ]);
});

test.each([
  { workers: 2, groupSize: 2 },
  { workers: 6, groupSize: 3 },
  { workers: 5, groupSize: 1 },
])('groupSizeIssues() takes $workers workers in groups of $groupSize', ({ workers, groupSize }) => {
  expect(groupSizeIssues(workers, { name: 'PingPong', groupSize })).toEqual([]);
});

test.each([
  { workers: 1, groupSize: 2, example: 'workers: 2' },
  { workers: 7, groupSize: 3, example: 'workers: 9' },
])('groupSizeIssues() refuses $workers workers in groups of $groupSize', ({ workers, groupSize, example }) => {
  expect(groupSizeIssues(workers, { name: 'PingPong', groupSize })).toEqual([
    {
      option: 'workers',
      value: String(workers),
      allowed: `a multiple of ${groupSize}, the group size of PingPong`,
      example,
    },
  ]);
});
