import { describe, expect, test } from '@jest/globals';
import { makeReport, ratioOf, spreadOf } from '../../../bench/bench-report';

describe('spreadOf()', () => {
  test.each([
    { values: [3, 1, 2], spread: { median: 2, min: 1, max: 3, n: 3 } },
    { values: [10, 9], spread: { median: 9, min: 9, max: 10, n: 2 } },
    { values: [5], spread: { median: 5, min: 5, max: 5, n: 1 } },
  ])('of $values is $spread', ({ values, spread }) => {
    expect(spreadOf(values)).toEqual(spread);
  });
});

describe('ratioOf()', () => {
  test('divides pair by pair, so that what slows both of a pair does not show', () => {
    expect(ratioOf([2, 40, 3], [1, 20, 2])).toEqual({ median: 2, min: 1.5, max: 2 });
  });

  test('is no number when a pair is not whole', () => {
    expect(ratioOf([2, 4], [1]).max).toBeNaN();
  });
});

test('makeReport() tells the host that it was measured on, and survives JSON', () => {
  const report = makeReport([{ name: 'boot', unit: 'ms', ours: spreadOf([1]) }]);
  expect(JSON.parse(JSON.stringify(report))).toEqual(report);
  expect(report).toMatchObject({ schema: 1, host: { node: process.version }, results: [{ name: 'boot' }] });
  expect(report.host.memoryMib).toBeGreaterThan(0);
});
