import { describe, expect, test } from '@jest/globals';
import { join } from 'node:path';
import { kernelRows, type KernelRow } from '../../../../src/host/doctor/kernel-rows';
import { checkKernels, judgeCache, judgeFound, judgeSchedExt } from '../../../../src/host/doctor/kernels';
import type { Kernel } from '../../../../src/host/kernel/find';
import { entryFiles } from '../kernel/stored-blobs';
import { temporaryFolder, writeTree } from '../kernel/kernel-files';

describe('kernelRows()', () => {
  test('is empty without a cache', () => {
    expect(kernelRows('/nonexistent')).toEqual([]);
  });

  test('tells what a kernel can do, and why an entry cannot be used', () => {
    using cache = temporaryFolder();
    writeTree(
      join(cache.path, 'kernels/6.12.1'),
      entryFiles({ vmlinuz: 'kernel', 'modules/ring.ko': 'm' }, { release: '6.12.1', schedExt: true }),
    );
    writeTree(join(cache.path, 'kernels/6.12.0'), { vmlinuz: 'kernel' });
    const [good, bad] = kernelRows(cache.path);
    expect(good).toMatchObject({ release: '6.12.1', schedExt: true, problem: null });
    expect(bad).toMatchObject({ key: '6.12.0', release: null, problem: 'it has no metadata.json' });
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
    ...{
      release: '6.12.1',
      image: '/boot/vmlinuz',
      digest: '00',
      modules: [],
      absent: [],
      source: 'host',
      schedExt: null,
      folder: null,
    },
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
