import { expect, test } from '@jest/globals';
import { quantile } from '../../../src/stats/quantile';

const HUNDRED = Array.from({ length: 100 }, (_, i) => i + 1);

test.each([
  { p: 0, expected: 1 },
  { p: 0.01, expected: 1 },
  { p: 0.011, expected: 2 },
  { p: 0.07, expected: 7 },
  { p: 0.5, expected: 50 },
  { p: 0.99, expected: 99 },
  { p: 1, expected: 100 },
])('quantile() gives the value of the nearest rank for p = $p of 1 to 100', ({ p, expected }) => {
  expect(quantile(HUNDRED, p)).toBe(expected);
});

test('quantile() gives null when there are no values', () => {
  expect(quantile([], 0.5)).toBeNull();
});

test('quantile() sorts by value and leaves its input as it was', () => {
  const values = [10, 9, 1];
  expect(quantile(values, 0.5)).toBe(9);
  expect(values).toEqual([10, 9, 1]);
});

test.each([-0.01, 1.01, Number.NaN])('quantile() throws a RangeError when p is %p', (p) => {
  expect(() => quantile([1], p)).toThrow(RangeError);
});
