import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';

import { overdueMs, OverdueWatch } from '../../../environment/overdue';
import type { Message } from '../../../src/protocol/messages';

const START: Message = { kind: 'testStart', name: 'a', atNs: 0 };
const RESULT: Message = { kind: 'result', errors: [], assertResult: null, schedulers: [], stages: [] };
const GONE: Message = { kind: 'departure', how: 'process.exit', code: 1, stack: '' };

let looks: number;
let endLook: () => void;

beforeEach(() => {
  looks = 0;
  jest.useFakeTimers();
});

afterEach(() => void jest.useRealTimers());

function watchOf(timeoutMs: number): OverdueWatch {
  return new OverdueWatch({ timeoutMs }, () => {
    looks++;
    return new Promise((resolve) => (endLook = resolve));
  });
}

test.each([
  { timeoutMs: 16_000, atMs: 15_500 },
  { timeoutMs: 2_000, atMs: 1_500 },
  { timeoutMs: 400, atMs: 300 },
])('overdueMs() is $atMs of $timeoutMs ms', ({ timeoutMs, atMs }) => {
  expect(overdueMs(timeoutMs)).toBe(atMs);
});

describe('OverdueWatch', () => {
  test('looks once, shortly before the end of the time that a body has', () => {
    using watch = watchOf(16_000);
    jest.advanceTimersByTime(20_000);
    watch.note(START);
    jest.advanceTimersByTime(15_499);
    expect(looks).toBe(0);
    jest.advanceTimersByTime(1);
    expect(looks).toBe(1);
    jest.advanceTimersByTime(60_000);
    expect(looks).toBe(1);
  });

  test.each([RESULT, GONE])('does not look after a body that has ended with a $kind', (end) => {
    using watch = watchOf(16_000);
    watch.note(START);
    jest.advanceTimersByTime(15_000);
    watch.note(end);
    jest.advanceTimersByTime(60_000);
    expect(looks).toBe(0);
  });

  test('settles with the look that goes on', async () => {
    using watch = watchOf(16_000);
    watch.note(START);
    jest.advanceTimersByTime(15_500);
    let isSettled = false;
    const settled = watch.settle().then(() => (isSettled = true));
    await Promise.resolve();
    expect(isSettled).toBe(false);
    endLook();
    await settled;
    expect(isSettled).toBe(true);
  });
});
