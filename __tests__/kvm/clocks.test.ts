import { expect, test } from '@jest/globals';

import { stopGuest } from '../vm/monitor/stopped-guest';

/** Longer than a worker of an emulated CPU waits for its turn. */
const PAUSE_MS = 4000;

/** Looks at the clock every 10 ms for 2 s of its own time, and tells of the longest time between two looks. */
const BODY = `
  let last = process.hrtime.bigint(), longest = 0n;
  const looks = setInterval(() => {
    const now = process.hrtime.bigint();
    if (now - last > longest) longest = now - last;
    last = now;
  }, 10);
  tell('looking');
  await new Promise((resolve) => setTimeout(resolve, 2000));
  clearInterval(looks);
  tell(Number(longest) / 1e6);
`;

test('a guest sees no time pass in a pause', async () => {
  await using guest = await stopGuest(BODY, { machine: 'kvm', cores: 2 });
  expect(guest.told).toBe('looking');
  await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
  expect(await guest.untilNext()).toBeLessThan(PAUSE_MS / 2);
  expect(guest.machine.console.text()).not.toMatch(/unstable/);
});
