import { expect, test } from '@jest/globals';
import { DETAIL_KINDS } from '../../../src/verdict/assert-result';
import { FAILURE_KINDS, FAILURE_TEXTS } from '../../../src/verdict/failure-kind';

test('FAILURE_KINDS share no name with the kinds of checks, so that expectFailure is unambiguous', () => {
  const checks: readonly string[] = DETAIL_KINDS;
  expect(FAILURE_KINDS.filter((kind) => checks.includes(kind))).toEqual([]);
});

test('FAILURE_KINDS are in the order in which a run reaches them', () => {
  expect(FAILURE_KINDS.slice(0, 5)).toEqual([
    'init-not-started',
    'init-started',
    'runtime-loaded',
    'test-started',
    'no-result',
  ]);
  expect(new Set(Object.values(FAILURE_TEXTS)).size).toBe(FAILURE_KINDS.length);
});
