import { expect, test } from '@jest/globals';
import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { readModule } from '../../../../src/host/kernel/module-file';
import { moduleElf } from '../../../unit/host/kernel/kernel-blobs';
import { temporaryFolder } from '../../../unit/host/kernel/kernel-files';

test('readModule() unpacks a module that the xz command packed', async () => {
  using folder = temporaryFolder();
  const elf = moduleElf({ depends: '' });
  const path = join(folder.path, 'ring.ko.xz');
  writeFileSync(path, spawnSync('xz', ['--check=crc32'], { input: elf }).stdout);
  expect((await readModule(path)).equals(elf)).toBe(true);
});

test('readModule() fails with what xz says when the file is not packed by it', async () => {
  using folder = temporaryFolder();
  const path = join(folder.path, 'ring.ko.xz');
  writeFileSync(path, 'text');
  await expect(readModule(path)).rejects.toMatchObject({
    code: 'command-failed',
    fields: { purpose: `decompress kernel module ${path}`, output: expect.stringContaining('format not recognized') },
  });
});
