import { describe, expect, test } from '@jest/globals';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { missingNeeds, placedNeeds, type Purpose } from '../../../setup/packages';

const LIBFUZZER = 'usr/lib/llvm-19/lib/clang/19/lib/linux/libclang_rt.fuzzer-x86_64.a';
const DRGN = 'usr/lib/python3/dist-packages/drgn/__init__.py';
const COMPLETE = [
  'usr/bin/qemu-system-x86_64',
  'usr/bin/xz',
  'usr/bin/zstd',
  'usr/bin/make',
  'usr/bin/cc',
  'usr/bin/tmux',
  'usr/bin/iasl',
  'usr/sbin/bpftool',
  'usr/share/seabios/bios-microvm.bin',
  'usr/share/qemu/linuxboot_dma.bin',
  'usr/lib/x86_64-linux-gnu/libc.a',
  ...['flex', 'bison', 'bc', 'lz4', 'pahole', 'python3', 'clang-19'].map((name) => `usr/bin/${name}`),
  'usr/include/libelf.h',
  LIBFUZZER,
  DRGN,
];

const ALL: readonly Purpose[] = ['run', 'build', 'kernel', 'schedulers', 'bench'];

/** Debian packages of what is missing on a machine with just these files. */
function missing(files: string[], options: { purposes?: readonly Purpose[]; mode?: number } = {}): string[] {
  const { purposes = ALL, mode = 0o755 } = options;
  const root = mkdtempSync(join(tmpdir(), 'ktstr-machine-'));
  try {
    for (const file of files) {
      mkdirSync(dirname(join(root, file)), { recursive: true });
      writeFileSync(join(root, file), '');
      chmodSync(join(root, file), mode);
    }
    const path = [join(root, 'nowhere'), join(root, 'usr/bin'), join(root, 'opt/qemu/bin')].join(':');
    return missingNeeds({ path, root }, purposes).map((need) => need.debianPackage);
  } finally {
    rmSync(root, { recursive: true });
  }
}

describe('missingNeeds()', () => {
  test('is empty when everything is there', () => {
    expect(missing(COMPLETE)).toEqual([]);
  });

  test.each([
    ['usr/bin/qemu-system-x86_64', ['qemu-system-x86']],
    ['usr/bin/xz', ['xz-utils']],
    ['usr/bin/zstd', ['zstd']],
    ['usr/bin/make', ['make']],
    ['usr/bin/cc', ['gcc']],
    ['usr/bin/tmux', ['tmux']],
    ['usr/bin/iasl', ['acpica-tools']],
    ['usr/sbin/bpftool', ['bpftool']],
    ['usr/share/seabios/bios-microvm.bin', ['seabios']],
    ['usr/share/qemu/linuxboot_dma.bin', ['qemu-system-data']],
    ['usr/lib/x86_64-linux-gnu/libc.a', ['libc6-dev']],
    ['usr/bin/flex', ['flex']],
    ['usr/bin/pahole', ['dwarves']],
    ['usr/bin/clang-19', ['clang-19', 'clang-19']],
    [LIBFUZZER, ['libclang-rt-19-dev']],
    [DRGN, ['python3-drgn']],
    ['usr/include/libelf.h', ['libelf-dev']],
  ])('names exactly the package of %s when that is missing', (file, packages) => {
    expect(missing(COMPLETE.filter((each) => each !== file))).toEqual(packages);
  });

  test('asks for nothing that only a clone needs when nothing is built', () => {
    expect(missing([], { purposes: ['run'] })).toEqual([
      'qemu-system-x86',
      'seabios',
      'qemu-system-data',
      'xz-utils',
      'zstd',
    ]);
  });

  test('names what a kernel build needs, and nothing that only tests need', () => {
    expect(missing([], { purposes: ['kernel'] })).toEqual([
      ...['xz-utils', 'make', 'gcc', 'libc6-dev', 'flex', 'bison', 'bc', 'lz4', 'dwarves', 'python3-minimal'],
      'libelf-dev',
    ]);
  });

  test('takes a command that cannot be executed for missing', () => {
    const purposes = ['run', 'build'] as const;
    const packages = [
      ...[
        'qemu-system-x86',
        'xz-utils',
        'zstd',
        'make',
        'gcc',
        'tmux',
        'acpica-tools',
        'bpftool',
        'clang-19',
        'dwarves',
      ],
    ];
    expect(missing(COMPLETE, { purposes, mode: 0o644 })).toEqual(packages);
  });

  test('finds the firmware of a QEMU outside of /usr beside it', () => {
    const own = ['bin/qemu-system-x86_64', 'share/qemu/bios-microvm.bin', 'share/qemu/linuxboot_dma.bin'];
    expect(
      missing([...own.map((file) => `opt/qemu/${file}`), 'usr/bin/xz', 'usr/bin/zstd'], { purposes: ['run'] }),
    ).toEqual([]);
  });
});

describe('placedNeeds()', () => {
  /** Places, relative to the root of a machine with these files and links, by name. */
  function places(files: string[], links: Record<string, string> = {}): Record<string, string | undefined> {
    const root = mkdtempSync(join(tmpdir(), 'ktstr-machine-'));
    try {
      for (const file of [...files, ...Object.keys(links)]) mkdirSync(dirname(join(root, file)), { recursive: true });
      for (const file of files) writeFileSync(join(root, file), '', { mode: 0o755 });
      for (const [link, target] of Object.entries(links)) symlinkSync(target, join(root, link));
      const placed = placedNeeds({ path: `${join(root, 'usr/bin')}:${join(root, 'nowhere')}`, root });
      return Object.fromEntries(placed.map(({ need, place }) => [need.what, place?.slice(root.length + 1)]));
    } finally {
      rmSync(root, { recursive: true });
    }
  }

  test.each([
    ['a command', 'flex', 'usr/bin/flex'],
    ['a firmware file', 'bios-microvm.bin', 'usr/share/seabios/bios-microvm.bin'],
    ['the static C library', 'libc.a', 'usr/lib/x86_64-linux-gnu/libc.a'],
    ['a header', 'libelf.h', 'usr/include/libelf.h'],
    ["the library of Debian's clang", 'libFuzzer', LIBFUZZER],
    [
      "the library of another distribution's clang",
      'libFuzzer',
      'usr/lib/clang/19/lib/x86_64-redhat-linux-gnu/libclang_rt.fuzzer.a',
    ],
  ])('tells where %s is', (_, what, file) => {
    expect(places([file])[what]).toBe(file);
    expect(places([])[what]).toBeUndefined();
  });

  test.each<{ rule: string; files: string[]; links?: Record<string, string>; place: string | undefined }>([
    { rule: 'the newest one', files: ['usr/bin/clang-17', 'usr/bin/clang-19'], place: 'usr/bin/clang-19' },
    {
      rule: 'none before 17, and no other program',
      files: ['usr/bin/clang-16', 'usr/bin/clang-format-19', 'usr/bin/clang'],
      place: undefined,
    },
    {
      rule: 'the plain one when it is new enough',
      files: ['usr/lib/llvm-19/bin/clang', 'usr/bin/clang-17'],
      links: { 'usr/bin/clang': '../lib/llvm-19/bin/clang' },
      place: 'usr/bin/clang',
    },
    {
      rule: 'another when the plain one is too old',
      files: ['usr/lib/llvm-14/bin/clang', 'usr/bin/clang-18'],
      links: { 'usr/bin/clang': '../lib/llvm-14/bin/clang' },
      place: 'usr/bin/clang-18',
    },
    {
      rule: 'the plain one that leads to a name with a version',
      files: ['usr/bin/clang-21'],
      links: { 'usr/bin/clang': 'clang-21' },
      place: 'usr/bin/clang',
    },
  ])('of clang takes $rule', ({ files, links, place }) => {
    expect(places(files, links)['clang']).toBe(place);
  });
});
