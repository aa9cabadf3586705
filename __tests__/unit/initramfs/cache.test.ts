import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { mkdirSync, readFileSync, readdirSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { cacheDirectory, cached, trimCache } from '../../../initramfs/cache';
import { useTempFolder } from './temp-folder';

const temp = useTempFolder();

beforeEach(() => {
  process.env['KTSTR_CACHE_DIR'] = temp.path();
});

afterEach(() => {
  delete process.env['KTSTR_CACHE_DIR'];
});

function age(path: string, hours: number): void {
  const at = new Date(Date.now() - hours * 3_600_000);
  utimesSync(path, at, at);
}

describe('cacheDirectory()', () => {
  test.each([
    { environment: { KTSTR_CACHE_DIR: '/k', XDG_CACHE_HOME: '/x' }, expected: '/k' },
    { environment: { KTSTR_CACHE_DIR: '', XDG_CACHE_HOME: '/x' }, expected: '/x/ktstr' },
    { environment: { XDG_CACHE_HOME: 'relative' }, expected: join(homedir(), '.cache/ktstr') },
    { environment: { XDG_CACHE_HOME: '' }, expected: join(homedir(), '.cache/ktstr') },
    { environment: { KTSTR_CACHE_DIR: 'relative' }, expected: join(process.cwd(), 'relative') },
  ])('is $expected for $environment', ({ environment, expected }) => {
    expect(cacheDirectory(environment)).toBe(expected);
  });
});

describe('cached()', () => {
  test('builds a missing entry and gives the same path without building after that', async () => {
    const path = await cached({ kind: 'k', key: 'a' }, (scratch) => writeFileSync(scratch, '1'));
    const again = await cached({ kind: 'k', key: 'a' }, () => Promise.reject(new Error('built twice')));
    expect([path, again]).toEqual([temp.path('k/a'), temp.path('k/a')]);
    expect(readFileSync(path, 'utf8')).toBe('1');
  });

  test('takes a directory as an entry', async () => {
    const path = await cached({ kind: 'k', key: 'dir' }, (scratch) => {
      mkdirSync(scratch);
      writeFileSync(join(scratch, 'inside'), 'x');
    });
    expect(readdirSync(path)).toEqual(['inside']);
  });

  test('builds once when one process asks three times at once', async () => {
    let builds = 0;
    const build = async (scratch: string): Promise<void> => {
      builds += 1;
      await new Promise((resolve) => setTimeout(resolve, 30));
      writeFileSync(scratch, '');
    };
    await Promise.all([1, 2, 3].map(async () => await cached({ kind: 'k', key: 'a' }, build)));
    expect(builds).toBe(1);
  });

  test('leaves nothing of a build that throws, so that the next one can build', async () => {
    const failing = cached({ kind: 'k', key: 'a' }, (scratch) => {
      writeFileSync(scratch, 'half');
      throw new Error('no space');
    });
    await expect(failing).rejects.toThrow('no space');
    expect(readdirSync(temp.path('k'))).toEqual([]);
    await cached({ kind: 'k', key: 'a' }, (scratch) => writeFileSync(scratch, 'whole'));
    expect(readFileSync(temp.path('k/a'), 'utf8')).toBe('whole');
  });

  test.each([
    {
      name: 'of a process with the same pid that started at another time',
      lock: { pid: process.pid, startTicks: '1' },
    },
    { name: 'of a process that is gone', lock: { pid: 2 ** 22 + 1, startTicks: '1' } },
    { name: 'that is no lock', lock: 'nonsense' },
  ])('takes over a lock $name', async ({ lock }) => {
    temp.write({ 'k/a.lock': JSON.stringify(lock) });
    await cached({ kind: 'k', key: 'a', waitMs: 0 }, (scratch) => writeFileSync(scratch, ''));
    expect(readdirSync(temp.path('k'))).toEqual(['a']);
  });

  test('marks an entry as used', async () => {
    temp.write({ 'k/a': '' });
    age(temp.path('k/a'), 5);
    await cached({ kind: 'k', key: 'a' }, () => undefined);
    expect(Date.now() - statSync(temp.path('k/a')).mtimeMs).toBeLessThan(60_000);
  });

  test.each(['', '.hidden', 'a/b', '..', 'a.lock', 'x'.repeat(201)])('refuses the key "%s"', async (key) => {
    await expect(cached({ kind: 'k', key }, () => undefined)).rejects.toThrow(TypeError);
  });
});

describe('trimCache()', () => {
  test('removes the entries that were not used for longest', () => {
    temp.write({ 'k/new': '', 'k/middle': '', 'k/old/inside': '', 'k/oldest': '' });
    for (const [hours, name] of ['new', 'middle', 'old', 'oldest'].entries()) age(temp.path('k', name), hours + 2);
    trimCache('k', 2);
    expect(readdirSync(temp.path('k')).sort()).toEqual(['middle', 'new']);
  });

  test('keeps what was used within the hour, however much there is', () => {
    temp.write({ 'k/a': '', 'k/b': '', 'k/c': '' });
    age(temp.path('k/a'), 0.9);
    age(temp.path('k/b'), 1.1);
    trimCache('k', 0);
    expect(readdirSync(temp.path('k')).sort()).toEqual(['a', 'c']);
  });

  test('leaves locks alone and accepts a kind that does not exist', () => {
    temp.write({ 'k/a.lock': '' });
    age(temp.path('k/a.lock'), 9);
    trimCache('k', 0);
    trimCache('none', 0);
    expect(readdirSync(temp.path('k'))).toEqual(['a.lock']);
  });
});
