import { expect, jest, test } from '@jest/globals';

import { within } from '../../../environment/within';

test('within() gives what the work came to, be it a value or an error', async () => {
  await expect(within(60_000, Promise.resolve(5), 'late')).resolves.toBe(5);
  await expect(within(60_000, Promise.reject(new TypeError('broken')), 'late')).rejects.toThrow('broken');
});

test('within() waits no longer than it is told to, and leaves no timer', async () => {
  jest.useFakeTimers();
  try {
    const waiting = within(1000, new Promise(() => undefined), 'it is late');
    const refused = expect(waiting).rejects.toThrow('it is late');
    await jest.advanceTimersByTimeAsync(999);
    expect(jest.getTimerCount()).toBe(1);
    await jest.advanceTimersByTimeAsync(1);
    await refused;
    await within(1000, Promise.resolve(), 'late');
    expect(jest.getTimerCount()).toBe(0);
  } finally {
    jest.useRealTimers();
  }
});
