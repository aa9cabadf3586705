import { expect, test } from '@jest/globals';

import { Waits } from '../../../src/guest/waits';

const forEver = (): Promise<never> => new Promise(() => undefined);

test('Waits is empty as long as nothing is waited for, and when all waits are over', async () => {
  const waits = new Waits();
  expect(waits.text()).toBe('');
  expect(await waits.during('a number', Promise.resolve(7))).toBe(7);
  expect(waits.text()).toBe('');
});

test('Waits tells of all that is waited for, in the order in which that began', () => {
  const waits = new Waits();
  void waits.during('the kit', forEver());
  void waits.during('a cgroup', forEver());
  expect(waits.text()).toMatch(/^waiting for the kit, for 0\.\d{3} s; waiting for a cgroup, for 0\.\d{3} s$/);
});

test('Waits tells what the last wait that failed came to, once something else is waited for', async () => {
  const waits = new Waits();
  const refused = waits.during('the reports', Promise.reject(new RangeError('no reports')));
  await expect(refused).rejects.toThrow(new RangeError('no reports'));
  expect(waits.text()).toBe('');
  void waits.during('the end of the kit', forEver());
  expect(waits.text()).toMatch(
    /^waiting for the end of the kit, for \S+ s; before that, waiting for the reports came to "no reports"$/,
  );
});
