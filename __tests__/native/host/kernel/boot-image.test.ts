import { expect, test } from '@jest/globals';
import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { bootImage } from '../../../../src/host/kernel/boot-image';
import { temporaryFolder } from '../../../unit/host/kernel/kernel-files';
import { elfWithNotes, packedKernel, PVH_NOTE } from '../../../unit/host/kernel/pvh-blobs';

const ELF = elfWithNotes([PVH_NOTE]);

/** What the kernel's build appends to what these programs wrote. */
const SIZE = Buffer.from([ELF.length, 0, 0, 0]);

test.each([
  { program: 'xz', args: ['--check=crc32', '--x86', '--lzma2'] },
  { program: 'zstd', args: [] },
])('bootImage() unpacks a kernel that $program packed', async ({ program, args }) => {
  using folder = temporaryFolder();
  const packed = execFileSync(program, [...args, '-c'], { input: ELF });
  const image = join(folder.path, 'vmlinuz');
  writeFileSync(image, packedKernel(Buffer.concat([packed, SIZE])));
  const path = await bootImage(
    { image, release: '6.12.0', modules: [], absent: [], source: 'option', digest: 'd1', schedExt: null, folder: null },
    folder.path,
  );
  expect(readFileSync(path).equals(ELF)).toBe(true);
});
