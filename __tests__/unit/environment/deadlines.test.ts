import { describe, expect, test } from '@jest/globals';
import { deadlinesFor, jestTimeoutMs } from '../../../environment/deadlines';
import { specOf } from './finished-runs';

/** Longest delay that a timer takes; one that is longer fires at once. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

describe('deadlinesFor()', () => {
  test('gives the test more host time than it has guest time, and most in virtual time', () => {
    const spec = specOf({ timeoutMs: 10_000 });
    const emulated = deadlinesFor(spec, 'emulated').testMs;
    expect(emulated).toBeGreaterThan(10_000);
    expect(deadlinesFor(spec, 'deterministic').testMs).toBeGreaterThan(4 * emulated);
  });

  test('stays a delay that timers take', () => {
    const { testMs } = deadlinesFor(specOf({ timeoutMs: 24 * 3_600_000 }), 'deterministic');
    expect(testMs).toBe(LONGEST_TIMER_MS);
  });
});

describe('jestTimeoutMs()', () => {
  test.each(['emulated', 'deterministic', 'auto'] as const)(
    'is later than the deadlines of the %s machine',
    (machine) => {
      const spec = specOf({ machine, timeoutMs: 30_000 });
      const { silenceMs, testMs, poweroffMs } = deadlinesFor(spec, machine === 'auto' ? 'emulated' : machine);
      expect(jestTimeoutMs(spec)).toBeGreaterThan(silenceMs + testMs + poweroffMs);
    },
  );

  test('has room for every repetition', () => {
    const spec = specOf({ machine: 'deterministic', repeat: 5 });
    const { silenceMs, testMs, poweroffMs } = deadlinesFor(spec, 'deterministic');
    expect(jestTimeoutMs(spec) - jestTimeoutMs({ ...spec, repeat: 1 })).toBeGreaterThanOrEqual(
      4 * (silenceMs + testMs + poweroffMs),
    );
  });

  test('stays a delay that timers take', () => {
    const spec = specOf({ machine: 'deterministic', durationMs: 3_600_000 });
    expect(jestTimeoutMs({ ...spec, repeat: 100 })).toBe(LONGEST_TIMER_MS);
  });
});
