import { describe, expect, test } from '@jest/globals';
import { join } from 'node:path';
import { kernelRows, type KernelRow } from '../../../../src/host/doctor/kernel-rows';
import { checkKernels, judgeCache, judgeFound, judgeSchedExt } from '../../../../src/host/doctor/kernels';
import type { Kernel } from '../../../../src/host/kernel/find';
import { bzImage } from '../kernel/kernel-blobs';
import { temporaryFolder, writeTree } from '../kernel/kernel-files';

const METADATA = {
  release: '6.12.1',
  image: 'vmlinuz',
  source: 'test',
  modules: ['modules/virtio_mmio.ko'],
  absent: [],
};
const FILES = { vmlinuz: bzImage('6.12.1 #1'), 'modules/virtio_mmio.ko': 'module' };

/** Rows of a cache with one entry that has these files. */
async function rowOf(files: Record<string, string | Buffer>): Promise<Omit<KernelRow, 'folder'>> {
  using cache = temporaryFolder();
  writeTree(join(cache.path, 'kernels/entry'), files);
  writeTree(join(cache.path, 'kernels/.new-abc'), { 'metadata.json': '{' });
  const [row, ...more] = await kernelRows(cache.path);
  if (row === undefined) throw new Error('there is no row');
  expect(more).toEqual([]);
  const { folder, ...rest } = row;
  expect(folder).toBe(join(cache.path, 'kernels/entry'));
  return rest;
}

const withMetadata = (change: object, files: Record<string, string | Buffer> = FILES) =>
  rowOf({ ...files, 'metadata.json': JSON.stringify({ ...METADATA, ...change }) });

describe('kernelRows()', () => {
  const known = { release: '6.12.1', source: 'test', modules: ['virtio_mmio'], absent: [], problem: null };

  test('is empty without a cache', async () => {
    expect(await kernelRows('/nonexistent')).toEqual([]);
  });

  test('knows nothing of abilities without configuration', async () => {
    expect(await withMetadata({})).toEqual({ ...known, key: 'entry', btf: null, schedExt: null, events: null });
  });

  test.each([
    [
      'with BTF',
      'CONFIG_DEBUG_INFO_BTF=y\n# CONFIG_SCHED_CLASS_EXT is not set\n',
      { btf: true, schedExt: false, events: false },
    ],
    ['with both', 'CONFIG_SCHED_CLASS_EXT=y\nCONFIG_DEBUG_INFO_BTF=y\n', { btf: true, schedExt: true, events: null }],
    ['with neither', 'CONFIG_SCHED_CLASS_EXT_GROUP=y\n', { btf: false, schedExt: false, events: false }],
  ])('reads the abilities from a configuration %s', async (_, config, abilities) => {
    expect(await withMetadata({}, { ...FILES, config })).toEqual({ ...known, key: 'entry', ...abilities });
  });

  test('takes abilities and key from metadata that has them', async () => {
    const said = { key: 'k1', btf: true, schedExt: true, events: true };
    const config = '# CONFIG_SCHED_CLASS_EXT is not set\n';
    expect(await withMetadata(said, { ...FILES, config })).toEqual({ ...known, ...said });
  });

  test.each<[string, () => Promise<Omit<KernelRow, 'folder'>>, string]>([
    ['has no metadata', () => rowOf(FILES), 'it has no metadata.json'],
    ['has cut metadata', () => rowOf({ ...FILES, 'metadata.json': '{"rel' }), 'its metadata.json is no JSON object'],
    ['names no image', () => withMetadata({ image: 1 }), 'its metadata.json names no image or no release'],
    ['lost its image', () => withMetadata({ image: 'bzImage' }), 'its bzImage is gone or empty'],
    ['has an empty image', () => withMetadata({}, { ...FILES, vmlinuz: '' }), 'its vmlinuz is gone or empty'],
    ['lost a module', () => withMetadata({ modules: ['modules/x.ko'] }), 'its modules/x.ko is gone or empty'],
    ['has another image', () => withMetadata({ release: '6.12.2' }), 'its vmlinuz is of release 6.12.1'],
    [
      'has no kernel',
      () => withMetadata({}, { ...FILES, vmlinuz: 'text' }),
      'its vmlinuz is no kernel: it starts with',
    ],
  ])('tells the problem of an entry that %s', async (_, row, problem) => {
    expect((await row()).problem).toContain(problem);
  });
});

const ROW: KernelRow = {
  ...{
    key: 'a',
    release: '6.12.1',
    source: 'test',
    folder: '/cache/kernels/a',
    modules: [],
    absent: [],
    problem: null,
  },
  ...{ btf: true, schedExt: true, events: null },
};

describe('judgeCache()', () => {
  test('is ok with kernels that can be used', () => {
    expect(judgeCache([ROW], '/cache')).toMatchObject({ status: 'ok', found: '1 kernel in /cache' });
  });

  test('is missing when there is none', () => {
    expect(judgeCache([], '/cache')).toMatchObject({ status: 'missing', remedy: 'npx ktstr kernel fetch' });
  });

  test('warns of an entry that cannot be used, and says how to remove it', () => {
    const broken = { ...ROW, key: 'b', folder: '/cache/kernels/b', problem: 'it has no metadata.json' };
    expect(judgeCache([ROW, broken], '/cache')).toEqual({
      status: 'warn',
      found: 'b cannot be used: it has no metadata.json',
      remedy: 'rm -r /cache/kernels/b; then npx ktstr kernel fetch',
      facts: { folder: '/cache', usable: 1, broken: ['b'] },
    });
  });
});

describe('judgeSchedExt()', () => {
  test.each([
    ['has both', {}, 'ok'],
    ['has sched_ext and may have BTF', { btf: null }, 'ok'],
    ['has no BTF', { btf: false }, 'missing'],
    ['has no sched_ext', { schedExt: false }, 'missing'],
    ['may have sched_ext', { schedExt: null }, 'missing'],
    ['cannot be used', { problem: 'it is gone' }, 'missing'],
  ])('of a kernel that %s', (_, change, status) => {
    expect(judgeSchedExt([{ ...ROW, ...change }]).status).toBe(status);
  });
});

describe('judgeFound()', () => {
  const kernel: Kernel = {
    ...{ release: '6.12.1', image: '/boot/vmlinuz', digest: '00', modules: [], absent: [], source: 'host' },
  };

  test.each<[string, string[], 'ok' | 'missing']>([
    ['has everything', [], 'ok'],
    ['lacks what only NUMA needs', ['virtio_pci'], 'ok'],
    ['lacks the console', ['virtio_console'], 'missing'],
  ])('of a kernel that %s', (_, absent, status) => {
    expect(judgeFound({ ...kernel, absent })).toMatchObject({ status, facts: { source: 'host' } });
  });
});

describe('checkKernels()', () => {
  async function kernelCheck(variable: string) {
    using cache = temporaryFolder();
    const checks = await checkKernels([], { cacheDir: cache.path, env: { KTSTR_KERNEL: variable } });
    return checks.find(({ name }) => name === 'kernel');
  }

  test.each([
    ['names what is not there', '/nonexistent/vmlinuz', 'KTSTR_KERNEL /nonexistent/vmlinuz does not exist'],
    ['names what is no kernel', __filename, `read kernel image "${__filename}"`],
  ])('%s, and the variable in the remedy', async (_, variable, found) => {
    expect(await kernelCheck(variable)).toMatchObject({
      ...{ status: 'missing', neededFor: 'demo', found: expect.stringContaining(found) },
      remedy: expect.stringContaining('unset KTSTR_KERNEL'),
    });
  });
});
