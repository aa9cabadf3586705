import { describe, expect, test } from '@jest/globals';
import { type ImageEntry, arrangeEntries } from '../../../initramfs/image-entry';

function file(guestPath: string, content = ''): ImageEntry {
  return { kind: 'content', guestPath, mode: 0o644, content };
}

describe('arrangeEntries()', () => {
  test('puts parents that nobody named before what lies in them', () => {
    const paths = arrangeEntries([file('/a/b/c'), file('/a-b'), file('/a/b.x')]).map((entry) => entry.guestPath);
    expect(paths).toEqual(['/a', '/a-b', '/a/b', '/a/b.x', '/a/b/c']);
  });

  test('keeps the mode of a parent that is named', () => {
    const parent: ImageEntry = { kind: 'directory', guestPath: '/tmp', mode: 0o1777 };
    expect(arrangeEntries([file('/tmp/x'), parent])[0]).toEqual(parent);
  });

  test('gives one order whatever order the entries come in', () => {
    const entries = [file('/b'), file('/a/x'), file('/a/é'), file('/c')];
    expect(arrangeEntries(entries)).toEqual(arrangeEntries([...entries].reverse()));
  });

  test('takes the same entry twice as one', () => {
    expect(arrangeEntries([file('/a', 'x'), { ...file('/a'), content: Buffer.from('x') } as ImageEntry])).toHaveLength(
      1,
    );
  });

  const faulty: { name: string; entries: ImageEntry[]; problem: string }[] = [
    { name: 'a relative path', entries: [file('a')], problem: 'not absolute' },
    { name: 'the root', entries: [file('/')], problem: 'not plain' },
    { name: 'a path with ..', entries: [file('/a/../b')], problem: 'not plain' },
    { name: 'a path with an empty part', entries: [file('/a//b')], problem: 'not plain' },
    { name: 'a slash at the end', entries: [file('/a/')], problem: 'not plain' },
    { name: 'a zero byte', entries: [file('/a\0b')], problem: 'zero byte' },
    { name: 'two contents', entries: [file('/a', 'x'), file('/a', 'y')], problem: 'given twice' },
    {
      name: 'two sources',
      entries: ['/x', '/y'].map((hostPath) => ({ kind: 'file', guestPath: '/a', mode: 0o644, hostPath })),
      problem: 'as a copy of /x and as a copy of /y',
    },
    {
      name: 'a link that is used as a directory',
      entries: [{ kind: 'symlink', guestPath: '/lib', target: 'usr/lib' }, file('/lib/x')],
      problem: 'it is a link to usr/lib',
    },
  ];

  test.each(faulty)('throws image-entry-invalid for $name', ({ entries, problem }) => {
    const fields: unknown = expect.objectContaining({ problem: expect.stringContaining(problem) });
    expect(() => arrangeEntries(entries)).toThrow(expect.objectContaining({ code: 'image-entry-invalid', fields }));
  });
});
