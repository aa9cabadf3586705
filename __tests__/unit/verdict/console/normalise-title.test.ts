import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { normaliseTitle } from '../../../../src/verdict/console/normalise-title';

const PIECES = [
  '[#1]',
  'Not tainted',
  'f.isra.0+0x1c/0x90 [mod]',
  '+0x1/0x2',
  'a.c:12:3',
  'comm[7]',
  'CPU#3',
  'cpu 4',
  'PID: 9',
  '0xfeed',
  'ffff9d4c81a3c000',
  '5.004s',
  '12',
  'x86',
  ' ',
  '[',
  ']',
  ':',
  '.',
];

describe('normaliseTitle()', () => {
  test.each([
    ['WARNING in f+0x1c/0x90 [virtio_net]', 'WARNING in f'],
    ['WARNING in f.isra.0.cold+0x1c/0x90', 'WARNING in f'],
    ['BUG at mm/slub.c:123!', 'BUG at mm/slub.c'],
    ['at kernel/sched/fair.c:12:34', 'at kernel/sched/fair.c'],
    ['task worker/3:1[77] died', 'task died'],
    ['stuck on CPU#12 and cpu 3, PID: 4', 'stuck on CPU and cpu, PID'],
    ['bad address 0xFFFF and ffff9d4c81a3c000', 'bad address ADDR and ADDR'],
    ['for 26s, 5.004s or 120 seconds', 'for N, N or N seconds'],
    ['Oops: 0002 [#2] SMP Tainted: G', 'Oops: N SMP'],
    ['scx_v2 on x86 in deadline', 'scx_v2 on x86 in deadline'],
  ])('makes %j %j', (title, normalised) => {
    expect(normaliseTitle(title)).toBe(normalised);
  });

  test('changes nothing of what it made', () => {
    const title = fc.oneof(
      fc.string(),
      fc.array(fc.oneof(fc.constantFrom(...PIECES), fc.string({ maxLength: 3 }))).map((parts) => parts.join('')),
    );
    fc.assert(
      fc.property(title, (text) => normaliseTitle(normaliseTitle(text)) === normaliseTitle(text)),
      { numRuns: 2000 },
    );
  });

  test('does not depend on numbers of CPUs, processes and addresses', () => {
    const title = (pid: number, address: number): string =>
      `BUG: x in f+0x${address.toString(16)}/0x90 on CPU#${pid} by worker[${pid}] at 0x${address.toString(16)}`;
    fc.assert(
      fc.property(
        fc.nat(),
        fc.nat(),
        (pid, address) => normaliseTitle(title(pid, address)) === normaliseTitle(title(1, 1)),
      ),
    );
  });
});
