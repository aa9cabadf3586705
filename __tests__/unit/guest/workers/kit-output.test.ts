import { expect, test } from '@jest/globals';

import { readKitOutput, type KitEvent } from '../../../../src/guest/workers/kit-output';

const REPORTS = Buffer.from('one\n\0two\n\xff', 'latin1');

function eventsOf(output: Buffer, chunkBytes: number): KitEvent[] {
  const events: KitEvent[] = [];
  const read = readKitOutput((event) => events.push(event));
  for (let at = 0; at < output.length; at += chunkBytes) read(output.subarray(at, at + chunkBytes));
  return events;
}

test.each([
  { line: 'worker 3 1 4711', event: { kind: 'worker', group: 3, index: 1, pid: 4711 } },
  { line: 'ready', event: { kind: 'ready' } },
  { line: 'started 12345678901234', event: { kind: 'started', atNs: 12345678901234 } },
  { line: 'iterations 9876543210', event: { kind: 'iterations', sum: 9876543210 } },
  { line: 'died 0 2 139', event: { kind: 'died', group: 0, index: 2, status: 139 } },
  { line: 'error cgroup 2 No such file', event: { kind: 'error', what: 'cgroup', errno: 2, text: 'No such file' } },
  { line: 'worker 3 one 4711', event: { kind: 'garbled', line: 'worker 3 one 4711' } },
  { line: 'ready or not', event: { kind: 'garbled', line: 'ready or not' } },
  { line: '', event: { kind: 'garbled', line: '' } },
])('readKitOutput() reads the line "$line"', ({ line, event }) => {
  expect(eventsOf(Buffer.from(`${line}\n`), 100)).toEqual([event]);
});

test.each([1, 2, 3, 7, 1000])('readKitOutput() finds lines and raw reports in chunks of %i bytes', (chunkBytes) => {
  const output = Buffer.concat([Buffer.from('died 0 0 9\nreports 2 5\n'), REPORTS, Buffer.from('ready\n')]);

  expect(eventsOf(output, chunkBytes)).toEqual([
    { kind: 'died', group: 0, index: 0, status: 9 },
    { kind: 'reports', reports: [REPORTS.subarray(0, 5), REPORTS.subarray(5, 10)] },
    { kind: 'ready' },
  ]);
});

test('readKitOutput() gives an empty list when there are no reports', () => {
  expect(eventsOf(Buffer.from('reports 0 1256\nready\n'), 100)).toEqual([
    { kind: 'reports', reports: [] },
    { kind: 'ready' },
  ]);
});

test('readKitOutput() keeps what has no end yet', () => {
  expect(eventsOf(Buffer.from('ready\nreports 1 5\nfour'), 100)).toEqual([{ kind: 'ready' }]);
});
