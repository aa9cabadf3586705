import { describe, expect, test } from '@jest/globals';
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { fetchKernel } from '../../../../src/host/kernel/fetch';
import type { KernelSource } from '../../../../src/host/kernel/kernel-source';
import { bzImage, moduleElf } from './kernel-blobs';
import { temporaryFolder, writeTree } from './kernel-files';

const RELEASE = '6.12.1-cloud';
const mmio = moduleElf({ depends: '' });
const PACKAGE = {
  [`boot/vmlinuz-${RELEASE}`]: bzImage(`${RELEASE} (builder@host)`),
  [`boot/config-${RELEASE}`]: 'CONFIG_SMP=y\nCONFIG_DEBUG_INFO_BTF=y\n',
  [`lib/modules/${RELEASE}/modules.builtin`]: 'kernel/virtio_pci.ko\nkernel/virtio_console.ko\n',
  [`lib/modules/${RELEASE}/kernel/virtio_mmio.ko.gz`]: gzipSync(mmio),
  [`lib/modules/${RELEASE}/kernel/unrelated.ko`]: moduleElf({ depends: '' }),
};

/** A source that offers one package and counts how often it was unpacked. */
function sourceOf(files: Record<string, string | Buffer>): KernelSource & { unpacked: number } {
  const source = {
    unpacked: 0,
    newest: async () => ({
      source: 'test package 1',
      unpack: async (folder: string) => {
        source.unpacked++;
        return writeTree(join(folder, 'root'), files);
      },
    }),
  };
  return source;
}

const fetchFrom = (cache: string, from: KernelSource) =>
  fetchKernel({ cacheDir: cache, flavour: 'cloud', onProgress: () => undefined, from });

describe('fetchKernel()', () => {
  test('stores image, config and the needed modules, unpacked, and nothing else', async () => {
    using cache = temporaryFolder();
    const { kernel, isNew } = await fetchFrom(cache.path, sourceOf(PACKAGE));
    expect(isNew).toBe(true);
    expect(kernel).toMatchObject({
      ...{ key: RELEASE, release: RELEASE, source: 'test package 1', absent: [], schedulers: [], vmlinux: null },
      ...{ schedExt: false, btf: true, configHash: expect.stringMatching(/^[0-9a-f]{64}$/) },
    });
    const files = new Set(readdirSync(kernel.folder, { recursive: true, encoding: 'utf8' }));
    expect(files).toEqual(new Set(['config', 'metadata.json', 'modules', 'modules/virtio_mmio.ko', 'vmlinuz']));
    expect(readFileSync(kernel.modules[0] ?? '').equals(mmio)).toBe(true);
  });

  test('keeps the stored kernel when the source has no newer one', async () => {
    using cache = temporaryFolder();
    const source = sourceOf(PACKAGE);
    const first = await fetchFrom(cache.path, source);
    const second = await fetchFrom(cache.path, source);
    expect(second).toEqual({ kernel: first.kernel, isNew: false });
    expect(source.unpacked).toBe(1);
  });

  test('finds modules under usr/lib, where newer packages have them', async () => {
    using cache = temporaryFolder();
    const moved = Object.fromEntries(
      Object.entries(PACKAGE).map(([path, content]) => [path.replace(/^lib/, 'usr/lib'), content]),
    );
    const { kernel } = await fetchFrom(cache.path, sourceOf(moved));
    expect(kernel.modules).toHaveLength(1);
  });

  test.each([
    ['image', { 'boot/config': '' }, 'boot/vmlinuz'],
    ['modules', { [`boot/vmlinuz-${RELEASE}`]: bzImage(RELEASE) }, `lib/modules/${RELEASE}`],
  ])('refuses a package without %s and leaves nothing of it', async (_, files, named) => {
    using cache = temporaryFolder();
    await expect(fetchFrom(cache.path, sourceOf(files))).rejects.toMatchObject({
      code: 'kernel-fetch-failed',
      fields: { source: 'test package 1', reason: expect.stringContaining(named) },
    });
    expect(readdirSync(join(cache.path, 'kernels'))).toEqual([]);
  });
});
