import { spawn } from 'node:child_process';
import { once } from 'node:events';

import { beforeAll, expect, test } from '@jest/globals';

import { loadKit, type GuestKit } from '../../../src/guest/guest-kit';
import { isZombie } from '../processes';
import { builtProgram } from '../programs';

let kit: GuestKit;

beforeAll(() => {
  kit = loadKit(builtProgram('guest/kit.node'));
});

test('GuestKit.powerOff() refuses to switch off the machine of a developer', () => {
  expect(() => kit.powerOff()).toThrow(expect.objectContaining({ code: 'reboot', message: 'Operation not permitted' }));
});

test('GuestKit.reap() leaves a child that runs alone', async () => {
  const child = spawn('sleep', ['60']);

  expect(kit.reap(child.pid ?? 0)).toBe(false);
  expect(kit.zombie()).toBe(0);

  child.kill();
  await expect(once(child, 'exit')).resolves.toEqual([null, 'SIGTERM']);
});

test('GuestKit.zombie() names an ended child, which stays one until GuestKit.reap()', () => {
  const child = spawn('true', { stdio: 'ignore' });
  // Node will never see it end.
  child.unref();
  const { pid = 0 } = child;
  // Without a turn of the event loop in between, Node cannot reap it first.
  while (!isZombie(pid));

  expect(kit.zombie()).toBe(pid);
  expect(kit.zombie()).toBe(pid);
  expect(kit.reap(pid)).toBe(true);
  expect(kit.reap(pid)).toBe(false);
  expect(kit.zombie()).toBe(0);
});

test.each([
  { name: 'no child', pid: 1 },
  { name: 'a group of processes', pid: -1 },
  { name: 'the own group', pid: 0 },
])('GuestKit.reap() is false for $name', ({ pid }) => {
  expect(kit.reap(pid)).toBe(false);
});

test('GuestKit functions throw a TypeError when the argument is no number', () => {
  const reap = kit.reap as (pid: unknown) => boolean;

  expect(() => reap('1')).toThrow('kit: one whole number is needed');
  expect(() => (kit.reap as () => boolean)()).toThrow('kit: one whole number is needed');
});

test('GuestKit.setSchedFifo() throws the error of the system call when the priority is impossible', () => {
  expect(() => kit.setSchedFifo(1000)).toThrow(
    expect.objectContaining({ code: 'sched_setscheduler', message: 'Invalid argument' }),
  );
});
