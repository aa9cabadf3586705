import { expect, test } from '@jest/globals';
import { setImmediate, setTimeout } from 'node:timers/promises';

import { Looks } from '../../../environment/looks';
import type { Machine } from '../../../src/host/machine/machine';
import { specOf } from './finished-runs';

/** A machine without memory that takes its time to stand still, and tells what it was asked for. */
function emptyMachine(asked: string[]): Machine {
  const answer = async (what: string): Promise<void> => {
    asked.push(what);
    await setTimeout(5);
  };
  const stream = { onData: () => undefined, text: () => '' };
  return {
    ...{ kind: 'emulated', ram: [], vcpuThreads: [], peakMemoryKib: 0, exited: new Promise(() => undefined) },
    ...{ console: stream, early: stream, port: stream },
    memory: { ranges: [], sizeBytes: 0, read: outside, write: outside },
    pause: () => answer('pause'),
    resume: () => answer('resume'),
    registers: async () => {
      await answer('registers');
      return [];
    },
    stop: () => answer('stop'),
    [Symbol.asyncDispose]: () => Promise.resolve(),
  };
}

function outside(): never {
  throw new RangeError('there is no memory');
}

const GLANCE = ['pause', 'registers', 'resume'];
const INSPECTION = ['pause', 'registers'];

test('Looks.glance() is one look for all who ask for it at the same time', async () => {
  const asked: string[] = [];
  using looks = new Looks(emptyMachine(asked), specOf());
  await Promise.all([looks.glance(), looks.glance()]);
  expect(asked).toEqual(GLANCE);
  expect(looks.seen).toBeNull();
});

test('Looks.glance() looks again after a look that saw nothing', async () => {
  const asked: string[] = [];
  using looks = new Looks(emptyMachine(asked), specOf());
  await looks.glance();
  await looks.glance();
  expect(asked).toEqual([...GLANCE, ...GLANCE]);
});

test('Looks.inspect() waits for a glance, lets none begin under it, and leaves the guest stopped', async () => {
  const asked: string[] = [];
  using looks = new Looks(emptyMachine(asked), specOf());
  const glance = looks.glance();
  const inspection = looks.inspect();
  await glance;
  while (asked.length === GLANCE.length) await setImmediate();
  await Promise.all([looks.glance(), inspection]);
  await looks.glance();
  expect(asked).toEqual([...GLANCE, ...INSPECTION]);
  expect(looks.seen?.sched).toBeNull();
});
