import { describe, expect, test } from '@jest/globals';
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { identifyProcess } from '../../../../initramfs/process-identity';
import { cacheDir, readStore, storeKernel, storedKernels, type NewKernel } from '../../../../src/host/kernel/store';
import { temporaryFolder, writeTree } from './kernel-files';
import { entryFiles, newKernel } from './stored-blobs';

async function store(cache: string, changes: Partial<NewKernel>, { content = 'image', replaces = false } = {}) {
  const fill = async (folder: string) => {
    writeTree(folder, { vmlinuz: content, 'modules/ring.ko': 'ring' });
    return newKernel(changes);
  };
  return storeKernel(cache, fill, { replaces });
}

describe('cacheDir()', () => {
  test.each([
    ['KTSTR_CACHE_DIR', { KTSTR_CACHE_DIR: '/c', XDG_CACHE_HOME: '/x' }, '/c'],
    ['XDG_CACHE_HOME', { XDG_CACHE_HOME: '/x' }, '/x/ktstr'],
    ['the home folder', {}, join(homedir(), '.cache/ktstr')],
    ['the home folder, not a relative XDG_CACHE_HOME', { XDG_CACHE_HOME: 'x' }, join(homedir(), '.cache/ktstr')],
    ['the home folder, not an empty variable', { KTSTR_CACHE_DIR: '' }, join(homedir(), '.cache/ktstr')],
  ])('goes by %s', (_, env, expected) => {
    expect(cacheDir(env)).toBe(expected);
  });
});

describe('storedKernels()', () => {
  test('is empty when there is no cache', () => {
    expect(storedKernels('/nonexistent/cache')).toEqual([]);
  });

  test('lists those with sched_ext first, then the newest release, then the one built last', async () => {
    using cache = temporaryFolder();
    const all: Partial<NewKernel>[] = [
      { release: '6.9.1' },
      { release: '6.14.0' },
      { release: '6.12.1', key: '6.12.1-older', builtAt: '2026-01-01T00:00:00.000Z', schedExt: true },
      { release: '6.12.1', key: '6.12.1-later', builtAt: '2026-01-02T00:00:00.000Z', schedExt: true },
      { release: '6.12.9', key: '6.12.9-built', schedExt: true },
    ];
    for (const changes of all) await store(cache.path, changes);
    const keys = storedKernels(cache.path).map((kernel) => kernel.key);
    expect(keys).toEqual(['6.12.9-built', '6.12.1-later', '6.12.1-older', '6.14.0', '6.9.1']);
  });
});

describe('readStore()', () => {
  const complete = entryFiles({ vmlinuz: 'image', 'modules/ring.ko': 'ring', vmlinux: 'elf' }, { vmlinux: 'vmlinux' });
  const without = (path: string) => Object.fromEntries(Object.entries(complete).filter(([name]) => name !== path));

  test.each([
    ['without metadata', 'no-metadata', without('metadata.json'), 'metadata.json'],
    ['with garbled metadata', 'bad-metadata', { ...complete, 'metadata.json': '{' }, 'is not JSON'],
    ['of an older version', 'schema', { ...complete, 'metadata.json': '{"release":"6.1"}' }, 'key, arch, image'],
    ['without image', 'image-missing', without('vmlinuz'), 'the image vmlinuz is missing'],
    [
      'with a truncated image',
      'truncated',
      { ...complete, vmlinuz: 'im' },
      'image vmlinuz has 2 bytes, it was stored with 5',
    ],
    ['with an empty image', 'truncated', { ...complete, vmlinuz: '' }, 'has 0 bytes'],
    ['without module', 'file-missing', without('modules/ring.ko'), 'the file modules/ring.ko is missing'],
    ['with a truncated vmlinux', 'truncated', { ...complete, vmlinux: 'e' }, 'the file vmlinux has 1 bytes'],
  ])('tells an entry %s from a kernel', (...[, kind, files, reason]) => {
    using cache = temporaryFolder();
    const folder = writeTree(join(cache.path, 'kernels/6.1'), files);
    const corrupt = [{ key: '6.1', folder, kind, reason: expect.stringContaining(reason) }];
    expect(readStore(cache.path)).toEqual({ kernels: [], corrupt });
  });

  test('takes the complete entry', () => {
    using cache = temporaryFolder();
    const folder = writeTree(join(cache.path, 'kernels/6.12.1'), complete);
    expect(readStore(cache.path)).toMatchObject({ kernels: [{ vmlinux: join(folder, 'vmlinux') }], corrupt: [] });
  });
});

describe('storeKernel()', () => {
  test('gives the paths of the host', async () => {
    using cache = temporaryFolder();
    const folder = join(cache.path, 'kernels/6.12.1');
    expect(await store(cache.path, {})).toMatchObject({
      folder,
      image: join(folder, 'vmlinuz'),
      modules: [join(folder, 'modules/ring.ko')],
    });
  });

  test('leaves nothing behind when filling fails', async () => {
    using cache = temporaryFolder();
    const failing = storeKernel(cache.path, async (folder) => {
      writeTree(folder, { vmlinuz: 'image' });
      throw new Error('no more');
    });
    await expect(failing).rejects.toThrow('no more');
    expect(readdirSync(join(cache.path, 'kernels'))).toEqual([]);
    expect(process.listenerCount('exit')).toBe(0);
  });

  test('gives every one of several writers of one release a complete entry', async () => {
    using cache = temporaryFolder();
    const all = await Promise.all(['a', 'b', 'c'].map((content) => store(cache.path, {}, { content })));
    expect(new Set(all.map((kernel) => kernel.folder)).size).toBe(1);
    expect(readdirSync(join(cache.path, 'kernels'))).toEqual(['6.12.1']);
  });

  test('replaces an entry that is not complete', async () => {
    using cache = temporaryFolder();
    writeTree(join(cache.path, 'kernels/6.12.1'), { stray: 'x' });
    const { folder } = await store(cache.path, {});
    expect(existsSync(join(folder, 'stray'))).toBe(false);
  });

  test('replaces a complete entry only when it is told to', async () => {
    using cache = temporaryFolder();
    await store(cache.path, {}, { content: 'first' });
    const kept = await store(cache.path, {}, { content: 'second' });
    expect(readFileSync(kept.image, 'utf8')).toBe('first');
    const replaced = await store(cache.path, {}, { content: 'third', replaces: true });
    expect(readFileSync(replaced.image, 'utf8')).toBe('third');
  });

  test('sweeps what a killed process left, but not what may be at work', async () => {
    using cache = temporaryFolder();
    const own = `.scratch-${process.pid}-${identifyProcess(process.pid)?.startTicks}-0123456789ab`;
    writeTree(join(cache.path, 'kernels'), { '.scratch-1-0-0123456789ab/vmlinuz': 'x', [`${own}/vmlinuz`]: 'x' });
    await store(cache.path, {});
    expect(readdirSync(join(cache.path, 'kernels')).sort()).toEqual([own, '6.12.1']);
  });

  test('names the folder when it cannot be written', async () => {
    using cache = temporaryFolder();
    const file = join(writeTree(cache.path, { file: '' }), 'file');
    await expect(store(file, {})).rejects.toMatchObject({
      code: 'kernel-cache-unwritable',
      fields: { path: join(file, 'kernels') },
    });
  });
});
