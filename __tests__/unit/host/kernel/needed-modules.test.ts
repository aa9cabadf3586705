import { describe, expect, test } from '@jest/globals';
import { gzipSync } from 'node:zlib';
import { neededModules } from '../../../../src/host/kernel/needed-modules';
import { moduleElf } from './kernel-blobs';
import { temporaryFolder, writeTree } from './kernel-files';

async function namesToLoad(files: Record<string, string | Buffer>, wanted: string[]) {
  using folder = temporaryFolder();
  const { load, absent } = await neededModules(writeTree(folder.path, files), wanted);
  return { load: load.map((each) => each.name), absent };
}

const moduleOn = (depends: string) => moduleElf({ license: 'GPL', depends });

describe('neededModules()', () => {
  test('loads nothing when what is wanted is built in', async () => {
    const files = { 'modules.builtin': 'kernel/drivers/virtio/virtio_pci.ko\nkernel/drivers/char/virtio_console.ko\n' };
    expect(await namesToLoad(files, ['virtio_pci', 'virtio_console'])).toEqual({ load: [], absent: [] });
  });

  test('puts dependencies first and takes each once when several modules share one', async () => {
    const files = {
      'modules.builtin': 'kernel/drivers/virtio/virtio.ko\n',
      'kernel/a/net.ko': moduleOn('failover,ring'),
      'kernel/b/failover.ko': moduleOn('ring,virtio'),
      'kernel/c/ring.ko': moduleOn(''),
      'kernel/d/console.ko': moduleOn('ring'),
    };
    expect(await namesToLoad(files, ['console', 'net'])).toEqual({
      load: ['ring', 'console', 'failover', 'net'],
      absent: [],
    });
  });

  test('takes dashes for underscores in wanted names, file names, built-in names and dependencies', async () => {
    const files = {
      'modules.builtin': 'kernel/lib/crc-core.ko\n',
      'kernel/virtio-rng.ko': moduleOn('crc_core,hw-random'),
      'kernel/hw_random.ko': moduleOn(''),
    };
    expect(await namesToLoad(files, ['virtio_rng', 'crc-core'])).toEqual({
      load: ['hw_random', 'virtio_rng'],
      absent: [],
    });
  });

  test('names what is neither built in nor there', async () => {
    expect(await namesToLoad({ 'modules.builtin': '' }, ['virtio_mmio'])).toEqual({
      load: [],
      absent: ['virtio_mmio'],
    });
  });

  test('gives the content of a compressed module unpacked', async () => {
    using folder = temporaryFolder();
    const elf = moduleOn('');
    const tree = writeTree(folder.path, { 'modules.builtin': '', 'kernel/ring.ko.gz': gzipSync(elf) });
    const { load } = await neededModules(tree, ['ring']);
    expect(load[0]?.elf.equals(elf)).toBe(true);
  });

  test.each([
    ['depends on one that is not there', moduleOn('lost'), 'it depends on lost'],
    ['is no ELF file', Buffer.from('text'), 'no 64-bit ELF'],
    ['is cut short', moduleOn('').subarray(0, 100), 'out of range'],
    [
      'has no .modinfo',
      Buffer.from(moduleOn('').toString('latin1').replace('.modinfo', '.modinfx'), 'latin1'),
      'no .modinfo',
    ],
  ])('refuses a module that %s', async (_, content, reason) => {
    await expect(namesToLoad({ 'modules.builtin': '', 'kernel/bad.ko': content }, ['bad'])).rejects.toMatchObject({
      code: 'kernel-module-unusable',
      fields: { path: expect.stringContaining('bad.ko'), reason: expect.stringContaining(reason) },
    });
  });

  test('refuses a compressed module that cannot be unpacked', async () => {
    const files = { 'modules.builtin': '', 'kernel/bad.ko.gz': Buffer.from('text') };
    await expect(namesToLoad(files, ['bad'])).rejects.toMatchObject({ code: 'kernel-module-unusable' });
  });
});
