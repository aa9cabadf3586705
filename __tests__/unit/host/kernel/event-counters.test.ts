import { expect, test } from '@jest/globals';
import { join } from 'node:path';
import { countsEvents } from '../../../../src/host/kernel/event-counters';
import { temporaryFolder, writeTree } from './kernel-files';

test.each([
  ['tells that a kernel counts sched_ext events by the name in its BTF', '\x7fELF...scx_event_stats\0', true],
  ['tells that an older kernel does not', '\x7fELF...scx_dump_data\0', false],
  ['is false for what it cannot read', 'text', false],
])('countsEvents() %s', async (_, content, expected) => {
  using folder = temporaryFolder();
  writeTree(folder.path, { vmlinux: Buffer.from(content, 'latin1') });
  expect(await countsEvents(join(folder.path, 'vmlinux'))).toBe(expected);
});
