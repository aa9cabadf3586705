import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { constants, readFileSync, readdirSync, statSync, utimesSync } from 'node:fs';
import { buildBase } from '../../../initramfs/base';
import type { ImageEntry } from '../../../initramfs/image-entry';
import { makeElf } from './make-elf';
import { readCpio } from './read-cpio';
import { useTempFolder } from './temp-folder';

const temp = useTempFolder();
const hasLz4 = spawnSync('lz4', ['--version']).status === 0;

beforeEach(() => {
  process.env['KTSTR_CACHE_DIR'] = temp.path('cache');
  temp.write({ script: 'one', large: Buffer.alloc(100_000, 'x'), static: makeElf({ trailing: 5000 }) });
});

afterEach(() => {
  delete process.env['KTSTR_CACHE_DIR'];
});

function copyOf(name: string, extra: { strip?: boolean } = {}): ImageEntry {
  return { kind: 'file', guestPath: `/${name}`, mode: 0o755, hostPath: temp.path(name), ...extra };
}

const ls: ImageEntry = { kind: 'file', guestPath: '/bin/ls', mode: 0o755, hostPath: '/bin/ls' };

function builds(): string[] {
  return readdirSync(temp.path('cache/base'));
}

describe('buildBase()', () => {
  test('gives an archive of the entries with its size and digest', async () => {
    const base = await buildBase({ entries: [copyOf('script')] });
    const archive = readFileSync(base.path);
    expect(readCpio(archive)).toMatchObject([{ path: 'script', content: Buffer.from('one') }]);
    expect(base.bytes).toBe(archive.length);
    expect(base.sha256).toBe(createHash('sha256').update(archive).digest('hex'));
  });

  test('adds the loader and the libraries of a dynamic executable', async () => {
    const base = await buildBase({ entries: [ls] });
    const members = readCpio(readFileSync(base.path));
    const names = members.filter(({ mode }) => (mode & constants.S_IFMT) === constants.S_IFREG).map(({ path }) => path);
    expect(names).toEqual(
      expect.arrayContaining(['bin/ls', expect.stringMatching(/(^|\/)ld-[^/]+$/), expect.stringMatching(/\/libc\./)]),
    );
    expect(base.libraryDirs.length).toBeGreaterThan(0);
  });

  test('leaves out the sections behind the segments where an entry says so', async () => {
    const whole = readFileSync(temp.path('static'));
    const base = await buildBase({ entries: [copyOf('static', { strip: true })] });
    const [member] = readCpio(readFileSync(base.path));
    const expected = Buffer.from(whole.subarray(0, -5000)).fill(0, 40, 48).fill(0, 60, 64);
    expect(member?.content).toEqual(expected);
  });

  test('is built once for the same entries, in any order', async () => {
    const entries = [copyOf('script'), copyOf('large')];
    const first = await buildBase({ entries });
    const inode = statSync(first.path).ino;
    expect(await buildBase({ entries: [...entries].reverse() })).toEqual(first);
    expect(statSync(first.path).ino).toBe(inode);
    expect(builds()).toHaveLength(1);
  });

  test('is the same image when a small file is written again with the same content', async () => {
    await buildBase({ entries: [copyOf('script')] });
    utimesSync(temp.path('script'), 1, 1);
    await buildBase({ entries: [copyOf('script')] });
    expect(builds()).toHaveLength(1);
  });

  const changes: { name: string; change: () => ImageEntry }[] = [
    { name: 'the content of a small file', change: () => (temp.write({ script: 'two' }), copyOf('script')) },
    { name: 'the time of a large file', change: () => (utimesSync(temp.path('large'), 1, 1), copyOf('large')) },
    { name: 'a mode', change: () => ({ ...copyOf('script'), mode: 0o644 }) as ImageEntry },
    { name: 'a guest path', change: () => ({ ...copyOf('script'), guestPath: '/other' }) },
    { name: 'stripping', change: () => copyOf('static', { strip: true }) },
  ];

  test.each(changes)('is another image when $name changes', async ({ change }) => {
    const kept = ['script', 'large', 'static'].map((name) => copyOf(name));
    await buildBase({ entries: kept });
    const changed = change();
    const same = (entry: ImageEntry): boolean =>
      entry.kind === 'file' && changed.kind === 'file' && entry.hostPath === changed.hostPath;
    await buildBase({ entries: kept.map((entry) => (same(entry) ? changed : entry)) });
    expect(builds()).toHaveLength(2);
  });

  test('removes the images that were not used for longest when it adds one', async () => {
    const old = Array.from({ length: 9 }, (_, index) => `old${index}`);
    temp.write(Object.fromEntries(old.map((name) => [`cache/base/${name}/archive`, ''])));
    for (const [index, name] of old.entries()) utimesSync(temp.path('cache/base', name), 1000 - index, 1000 - index);
    await buildBase({ entries: [copyOf('script')] });
    expect(builds().filter((name) => name.startsWith('old'))).toEqual(old.slice(0, 5));
    expect(builds()).toHaveLength(6);
  });

  test('throws image-source-unreadable for a missing executable', async () => {
    const entries = [copyOf('missing')];
    await expect(buildBase({ entries })).rejects.toMatchObject({ code: 'image-source-unreadable' });
  });

  (hasLz4 ? test : test.skip)(
    'compresses so that the kernel finds the end and another archive may follow',
    async () => {
      const entries = [copyOf('large')];
      const plain = readFileSync((await buildBase({ entries })).path);
      const base = await buildBase({ entries, compress: 'lz4' });
      const archive = readFileSync(base.path);
      expect(archive.readUInt32LE(0)).toBe(0x184c2102);
      const end = 8 + archive.readUInt32LE(4);
      expect(spawnSync('lz4', ['-dc'], { input: archive.subarray(0, end) }).stdout.equals(plain)).toBe(true);
      expect(archive.length).toBe(Math.ceil((end + 4) / 512) * 512);
      expect(archive.subarray(end).every((byte) => byte === 0)).toBe(true);
      expect(base).toMatchObject({ bytes: archive.length, sha256: createHash('sha256').update(archive).digest('hex') });
    },
  );

  test('throws lz4-failed, naming the package, when there is no lz4 command', async () => {
    const { PATH } = process.env;
    process.env['PATH'] = temp.path();
    try {
      await expect(buildBase({ entries: [copyOf('script')], compress: 'lz4' })).rejects.toMatchObject({
        code: 'lz4-failed',
        fields: { problem: expect.stringContaining('package lz4') },
      });
    } finally {
      process.env['PATH'] = PATH;
    }
    expect(builds()).toEqual([]);
  });
});
