import { describe, expect, test } from '@jest/globals';

import { scaledMs, timeScale } from '../../../src/spec/time-scale';

describe('timeScale()', () => {
  test.each([
    ['is 1 when nothing is said', undefined, 1],
    ['is 1 when the variable is empty', '', 1],
    ['is what is said', '2.5', 2.5],
    ['is 1 at least', '1', 1],
    ['is 1000 at most', '1000', 1000],
  ])('%s', (_, value, scale) => {
    expect(timeScale({ KTSTR_TIME_SCALE: value })).toBe(scale);
  });

  test.each(['0.9', '1001', 'NaN', 'slow', '-2', 'Infinity'])('refuses %s', (value) => {
    expect(() => timeScale({ KTSTR_TIME_SCALE: value })).toThrow(
      `read KTSTR_TIME_SCALE: it is "${value}", allowed is a number from 1 to 1000`,
    );
  });
});

describe('scaledMs()', () => {
  test('multiplies a limit', () => {
    expect(scaledMs(10_000, 5)).toBe(50_000);
  });

  test('stays a delay that timers take', () => {
    expect(scaledMs(24 * 3_600_000, 1000)).toBe(2 ** 31 - 1);
  });
});
