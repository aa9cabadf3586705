import { expect, test } from '@jest/globals';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { buildSchedulers } from '../../../../../src/host/kernel/build/schedulers';
import { Workshop } from '../../../../../src/host/kernel/build/workshop';
import { temporaryFolder, writeTree } from '../kernel-files';

test.each([
  ['a source without them', {}, { command: 'clang-19', version: '19' }, 'this source has no tools/sched_ext'],
  ['a machine without clang', { 'tools/sched_ext/Makefile': '' }, null, 'there is no clang of version 17 or later'],
])('buildSchedulers() says why there are none with %s', async (...[, files, clang, reason]) => {
  using folder = temporaryFolder();
  const tree = writeTree(folder.path, files);
  const workshop = new Workshop(join(folder.path, 'workshop'), { source: 'test', keptLog: join(folder.path, 'log') });
  const entry = join(folder.path, 'entry');
  expect(await buildSchedulers(workshop, { tree, entry, clang })).toContain(reason);
  expect(existsSync(entry)).toBe(false);
});
