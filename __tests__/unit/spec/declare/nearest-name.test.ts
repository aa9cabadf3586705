import { expect, test } from '@jest/globals';
import { nearestName } from '../../../../src/spec/declare/nearest-name';

const NAMES = ['numaNodes', 'llcs', 'cores', 'memoryMib', 'durationMs', 'timeoutMs', 'workersPerCgroup', 'maxGapMs'];

test.each([
  { typo: 'llc', nearest: 'llcs' },
  { typo: 'LLCS', nearest: 'llcs' },
  { typo: 'memoryMb', nearest: 'memoryMib' },
  { typo: 'duration', nearest: 'durationMs' },
  { typo: 'timoeutMs', nearest: 'timeoutMs' },
  { typo: 'numa', nearest: 'numaNodes' },
  { typo: 'workers', nearest: 'workersPerCgroup' },
  { typo: 'topology', nearest: null },
  { typo: 'l', nearest: null },
  { typo: '', nearest: null },
])('nearestName() gives $nearest for $typo', ({ typo, nearest }) => {
  expect(nearestName(typo, NAMES)).toBe(nearest);
});

test('nearestName() gives null when there are no names', () => {
  expect(nearestName('llcs', [])).toBeNull();
});
