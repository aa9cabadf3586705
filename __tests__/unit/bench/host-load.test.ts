import { expect, test } from '@jest/globals';

import { busyMsOf, hostBusyMs } from '../../../bench/host-load';

test('busyMsOf() counts what is neither idle, waiting, stolen nor of a guest', () => {
  expect(busyMsOf('cpu  1 20 300 4000000 5000000 60000 700000 8000000 9000000 0')).toBe(
    (1 + 20 + 300 + 60000 + 700000) * 10,
  );
});

test('hostBusyMs() grows while this process is busy', () => {
  const before = hostBusyMs();
  const until = process.cpuUsage().user + 100_000;
  while (process.cpuUsage().user < until);
  expect(hostBusyMs() - before).toBeGreaterThanOrEqual(50);
});
