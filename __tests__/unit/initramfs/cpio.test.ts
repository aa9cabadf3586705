import { describe, expect, test } from '@jest/globals';
import { createHash } from 'node:crypto';
import { closeSync, constants, openSync, readFileSync } from 'node:fs';
import { cpioArchive, writeCpio } from '../../../initramfs/cpio';
import type { ImageEntry } from '../../../initramfs/image-entry';
import { readCpio } from './read-cpio';
import { useTempFolder } from './temp-folder';

const temp = useTempFolder();

const every: ImageEntry[] = [
  { kind: 'content', guestPath: '/init', mode: 0o755, content: '#!/bin/sh\n' },
  { kind: 'content', guestPath: '/empty', mode: 0o600, content: '' },
  { kind: 'directory', guestPath: '/proc', mode: 0o555 },
  { kind: 'symlink', guestPath: '/bin/link', target: '../init' },
  { kind: 'device', guestPath: '/dev/console', mode: 0o600, type: 'char', major: 5, minor: 1 },
  { kind: 'device', guestPath: '/dev/vda', mode: 0o660, type: 'block', major: 254, minor: 16 },
];

describe('cpioArchive()', () => {
  test('writes the bytes of the newc format', () => {
    const archive = cpioArchive([{ kind: 'content', guestPath: '/a', mode: 0o644, content: 'hello' }]);
    const header =
      '070701' + '00000001' + '000081A4' + '0'.repeat(16) + '00000001' + '00000000' + '00000005' + '0'.repeat(32);
    const member = `${header}0000000200000000a\0hello\0\0\0`;
    const trailer = `070701${'0'.repeat(32)}00000001${'0'.repeat(48)}0000000B00000000TRAILER!!!\0`;
    expect(archive.toString('latin1')).toBe((member + trailer).padEnd(512, '\0'));
  });

  test('holds every kind of entry with its type, mode and content', () => {
    const seen = readCpio(cpioArchive(every)).map(({ path, mode, rdev, content }) => [
      path,
      mode,
      rdev,
      String(content),
    ]);
    expect(seen).toEqual([
      ['bin', constants.S_IFDIR | 0o755, [0, 0], ''],
      ['bin/link', constants.S_IFLNK | 0o777, [0, 0], '../init'],
      ['dev', constants.S_IFDIR | 0o755, [0, 0], ''],
      ['dev/console', constants.S_IFCHR | 0o600, [5, 1], ''],
      ['dev/vda', constants.S_IFBLK | 0o660, [254, 16], ''],
      ['empty', constants.S_IFREG | 0o600, [0, 0], ''],
      ['init', constants.S_IFREG | 0o755, [0, 0], '#!/bin/sh\n'],
      ['proc', constants.S_IFDIR | 0o555, [0, 0], ''],
    ]);
  });

  test('gives everything to root, at time zero, with an inode of its own', () => {
    const members = readCpio(cpioArchive(every));
    expect(members.map((member) => [member.uid, member.gid, member.mtime])).toEqual(members.map(() => [0, 0, 0]));
    expect(members.map((member) => member.ino)).toEqual(members.map((_, index) => index + 1));
  });

  test('gives the same bytes for the same entries in another order', () => {
    expect(cpioArchive([...every].reverse())).toEqual(cpioArchive(every));
  });

  test('can be followed by another archive', () => {
    const second = cpioArchive([{ kind: 'content', guestPath: '/init', mode: 0o644, content: 'newer' }]);
    const members = readCpio(Buffer.concat([cpioArchive(every), second]));
    expect(members.at(-1)).toMatchObject({ path: 'init', content: Buffer.from('newer') });
    expect(cpioArchive(every).length % 512).toBe(0);
  });

  test('copies files of the host that are larger than one read', () => {
    const content = Buffer.alloc(2_500_001, 'abcdefg');
    temp.write({ large: content });
    const entry: ImageEntry = { kind: 'file', guestPath: '/x/large', mode: 0o640, hostPath: temp.path('large') };
    expect(readCpio(cpioArchive([entry]))[1]?.content.equals(content)).toBe(true);
  });

  test.each([
    { name: 'a missing source', hostPath: '/nonexistent/file', problem: 'ENOENT' },
    { name: 'a source that is a directory', hostPath: '/', problem: 'it is not a regular file' },
  ])('throws image-source-unreadable for $name', ({ hostPath, problem }) => {
    const fields: unknown = { guestPath: '/a', hostPath, problem: expect.stringContaining(problem) };
    expect(() => cpioArchive([{ kind: 'file', guestPath: '/a', mode: 0o644, hostPath }])).toThrow(
      expect.objectContaining({ code: 'image-source-unreadable', fields }),
    );
  });
});

test('writeCpio() writes the same bytes and gives their count and digest', () => {
  const fd = openSync(temp.path('archive'), 'w');
  const { bytes, sha256 } = writeCpio(fd, every);
  closeSync(fd);
  const written = readFileSync(temp.path('archive'));
  expect(written).toEqual(cpioArchive(every));
  expect({ bytes, sha256 }).toEqual({
    bytes: written.length,
    sha256: createHash('sha256').update(written).digest('hex'),
  });
});
