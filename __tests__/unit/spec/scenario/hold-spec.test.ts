import { expect, test } from '@jest/globals';
import { Hold, holdIssues, holdMs } from '../../../../src/spec/scenario/hold-spec';
import { issuesOf } from './harness-issues';

test.each([
  { name: 'Hold.full', spec: Hold.full, ms: 2000 },
  { name: 'Hold.fraction(0.25)', spec: Hold.fraction(0.25), ms: 500 },
  { name: 'Hold.fraction(1)', spec: Hold.fraction(1), ms: 2000 },
  { name: 'Hold.fixed(3000)', spec: Hold.fixed(3000), ms: 3000 },
  { name: 'a hold that rounds down to nothing', spec: Hold.fraction(0.0001), ms: 1 },
])('holdMs() gives $ms ms for $name of 2000 ms', ({ spec, ms }) => {
  expect(holdMs(spec, 2000)).toBe(ms);
});

test.each([0, -0.5, 1.001, Number.NaN, Infinity])('Hold.fraction() refuses %p', (of) => {
  expect(issuesOf(() => Hold.fraction(of))).toEqual([expect.objectContaining({ option: 'of', value: String(of) })]);
});

test.each([0, -1, Number.NaN, Infinity])('Hold.fixed() refuses %p', (ms) => {
  expect(issuesOf(() => Hold.fixed(ms))).toEqual([expect.objectContaining({ option: 'ms', value: String(ms) })]);
});

test('holdIssues() tells nothing when the hold is possible', () => {
  expect(holdIssues(Hold.full)).toEqual([]);
  expect(holdIssues(Hold.fixed(0.5))).toEqual([]);
});
