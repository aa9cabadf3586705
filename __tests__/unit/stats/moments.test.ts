import { expect, test } from '@jest/globals';
import { cv, mean, populationStddev } from '../../../src/stats/moments';

test.each([
  { name: 'no values', values: [], expected: null },
  { name: 'one value', values: [3], expected: 3 },
  { name: 'several values', values: [2, 4, 4, 4, 5, 5, 7, 9], expected: 5 },
])('mean() gives the arithmetic mean of $name', ({ values, expected }) => {
  expect(mean(values)).toBe(expected);
});

test.each([
  { name: 'no values', values: [], expected: null },
  { name: 'one value', values: [3], expected: 0 },
  { name: 'several values, divided by n', values: [2, 4, 4, 4, 5, 5, 7, 9], expected: 2 },
])('populationStddev() gives the deviation of $name', ({ values, expected }) => {
  expect(populationStddev(values)).toBe(expected);
});

test.each([
  { name: 'no values', values: [], expected: null },
  { name: 'equal values', values: [4, 4], expected: 0 },
  { name: 'several values', values: [2, 4, 4, 4, 5, 5, 7, 9], expected: 0.4 },
  { name: 'a mean of zero', values: [0, 0], expected: null },
  { name: 'a mean below zero', values: [-1, -3], expected: null },
])('cv() gives stddev over mean for $name', ({ values, expected }) => {
  expect(cv(values)).toBe(expected);
});
