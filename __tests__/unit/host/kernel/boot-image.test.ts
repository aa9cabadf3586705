import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { bootImage } from '../../../../src/host/kernel/boot-image';
import type { Kernel } from '../../../../src/host/kernel/find';
import { temporaryFolder } from './kernel-files';
import { elfWithNotes, packedKernel, PVH_NOTE } from './pvh-blobs';

const ELF = elfWithNotes([PVH_NOTE]);

let folder: ReturnType<typeof temporaryFolder>;

beforeEach(() => {
  folder = temporaryFolder();
});

afterEach(() => {
  folder[Symbol.dispose]();
});

function kernelOf(image: Buffer): Kernel {
  const path = join(folder.path, 'vmlinuz');
  writeFileSync(path, image);
  return {
    image: path,
    release: '6.12.0',
    modules: [],
    absent: [],
    source: 'option',
    digest: 'd1',
    schedExt: null,
    folder: null,
  };
}

const cache = (): string => join(folder.path, 'cache');
const boot = (image: Buffer): Promise<string> => bootImage(kernelOf(image), cache());

/** Names of what the cache holds, in order. */
const cached = (): string[] => readdirSync(join(cache(), 'unpacked-kernels')).sort();

describe('bootImage()', () => {
  test.each([{ setupSectors: 2 }, { setupSectors: 0 }])(
    'unpacks a gzip kernel with $setupSectors sectors of set-up',
    async ({ setupSectors }) => {
      const path = await boot(packedKernel(gzipSync(ELF), setupSectors));
      expect(readFileSync(path).equals(ELF)).toBe(true);
      expect(cached()).toEqual(['d1']);
    },
  );

  test('unpacks an image once', async () => {
    const first = await boot(packedKernel(gzipSync(ELF)));
    expect(await boot(Buffer.from('not read again'))).toBe(first);
  });

  test.each([
    { name: 'an ELF already', image: ELF },
    { name: 'no bzImage', image: Buffer.alloc(4096) },
    { name: 'packed in an unknown way', image: packedKernel(Buffer.from('LZMA or whatever')) },
    { name: 'without a PVH entry', image: packedKernel(gzipSync(elfWithNotes([]))) },
    { name: 'damaged', image: packedKernel(gzipSync(ELF).subarray(0, 60)) },
  ])('gives the image as it is when it is $name, and remembers that', async ({ image }) => {
    const kernel = kernelOf(image);
    expect(await bootImage(kernel, cache())).toBe(kernel.image);
    expect(cached()).toEqual(['d1.packed']);
    expect(await boot(packedKernel(gzipSync(ELF)))).toBe(kernel.image);
  });

  test('gives the image as it is while no program unpacks it, and tries again the next time', async () => {
    const kernel = kernelOf(packedKernel(Buffer.from('28b52ffd0000', 'hex')));
    expect(await bootImage(kernel, cache())).toBe(kernel.image);
    expect(() => cached()).toThrow(/ENOENT/);
  });
});
