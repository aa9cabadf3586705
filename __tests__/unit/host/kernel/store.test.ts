import { describe, expect, test } from '@jest/globals';
import { existsSync, readdirSync, utimesSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { cacheDir, storeKernel, storedKernels, type KernelMetadata } from '../../../../src/host/kernel/store';
import { temporaryFolder, writeTree } from './kernel-files';

const metadata = (release: string, fetchedAt = '2026-01-01T00:00:00.000Z'): KernelMetadata => ({
  release,
  arch: 'x86_64',
  image: 'vmlinuz',
  source: `test ${release}`,
  fetchedAt,
  modules: ['modules/ring.ko'],
  absent: [],
});

async function store(cache: string, entry: KernelMetadata, content = 'image') {
  return storeKernel(cache, async (folder) => {
    writeTree(folder, { vmlinuz: content, 'modules/ring.ko': 'ring' });
    return entry;
  });
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

  test('lists the newest release first, and of equal releases the one fetched last', async () => {
    using cache = temporaryFolder();
    await store(cache.path, metadata('6.9.1'));
    await store(cache.path, metadata('6.12.1-amd64', '2026-01-01T00:00:00.000Z'));
    await store(cache.path, metadata('6.12.1-cloud', '2026-01-02T00:00:00.000Z'));
    const releases = storedKernels(cache.path).map((kernel) => kernel.release);
    expect(releases).toEqual(['6.12.1-cloud', '6.12.1-amd64', '6.9.1']);
  });

  test.each([
    ['without metadata', { vmlinuz: 'image' }],
    ['with garbled metadata', { vmlinuz: 'image', 'metadata.json': '{' }],
    ['without image', { 'metadata.json': JSON.stringify(metadata('6.1')), 'modules/ring.ko': 'ring' }],
    ['without module', { 'metadata.json': JSON.stringify(metadata('6.1')), vmlinuz: 'image' }],
    [
      'with an empty image',
      { 'metadata.json': JSON.stringify(metadata('6.1')), vmlinuz: '', 'modules/ring.ko': 'ring' },
    ],
  ])('passes over an entry %s', (_, files) => {
    using cache = temporaryFolder();
    writeTree(join(cache.path, 'kernels/6.1'), files);
    expect(storedKernels(cache.path)).toEqual([]);
  });
});

describe('storeKernel()', () => {
  test('gives the paths of the host', async () => {
    using cache = temporaryFolder();
    const folder = join(cache.path, 'kernels/6.12.1');
    expect(await store(cache.path, metadata('6.12.1'))).toMatchObject({
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
    const all = await Promise.all(['a', 'b', 'c'].map((content) => store(cache.path, metadata('6.12.1'), content)));
    expect(new Set(all.map((kernel) => kernel.folder)).size).toBe(1);
    expect(readdirSync(join(cache.path, 'kernels'))).toEqual(['6.12.1']);
  });

  test('replaces an entry that is not complete', async () => {
    using cache = temporaryFolder();
    writeTree(join(cache.path, 'kernels/6.12.1'), { stray: 'x' });
    const { folder } = await store(cache.path, metadata('6.12.1'));
    expect(existsSync(join(folder, 'stray'))).toBe(false);
  });

  test('sweeps what a killed fetch left long ago, but not what may be at work', async () => {
    using cache = temporaryFolder();
    writeTree(join(cache.path, 'kernels'), { '.new-old/vmlinuz': 'x', '.new-recent/vmlinuz': 'x' });
    const hoursAgo = new Date(Date.now() - 2 * 3_600_000);
    utimesSync(join(cache.path, 'kernels/.new-old'), hoursAgo, hoursAgo);
    await store(cache.path, metadata('6.12.1'));
    expect(readdirSync(join(cache.path, 'kernels')).sort()).toEqual(['.new-recent', '6.12.1']);
  });

  test('names the folder when it cannot be written', async () => {
    using cache = temporaryFolder();
    const file = join(writeTree(cache.path, { file: '' }), 'file');
    await expect(store(file, metadata('6.12.1'))).rejects.toMatchObject({
      code: 'kernel-cache-unwritable',
      fields: { path: join(file, 'kernels') },
    });
  });
});
