import { describe, expect, test } from '@jest/globals';
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import manifest from '../../package.json';

const root = resolve(__dirname, '../..');

interface Called {
  args: string[];
  env?: NodeJS.ProcessEnv;
}

function ktstr({ args, env = {} }: Called) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [join(root, manifest.bin.ktstr), ...args], {
    encoding: 'utf8',
    env: { ...process.env, ...env },
    timeout: 60_000,
  });
  return { status, stdout, stderr };
}

const KERNEL = {
  ...{ key: '6.12.1-own', release: '6.12.1', arch: 'x86_64', source: 'test', builtAt: '2026-01-01T00:00:00.000Z' },
  ...{ configHash: '0123', schedExt: true, btf: true },
};

/** Calls with a cache of its own that holds one kernel, and one that is corrupt. */
function withCache(args: string[]) {
  const cache = mkdtempSync(join(tmpdir(), 'ktstr-cli-'));
  const folder = join(cache, 'kernels', KERNEL.key);
  const metadata = {
    ...{ ...KERNEL, image: 'vmlinuz', vmlinux: null, events: false, modules: ['modules/ring.ko'], absent: [] },
    ...{ schedulers: ['scx_simple'], sizes: { vmlinuz: 5, 'modules/ring.ko': 4 } },
  };
  try {
    mkdirSync(join(folder, 'modules'), { recursive: true });
    mkdirSync(join(cache, 'kernels/6.1-broken'));
    writeFileSync(join(folder, 'vmlinuz'), 'image');
    writeFileSync(join(folder, 'modules/ring.ko'), 'ring');
    writeFileSync(join(folder, 'metadata.json'), JSON.stringify(metadata));
    const called = ktstr({ args, env: { KTSTR_CACHE_DIR: cache, KTSTR_KERNEL: '' } });
    return { ...called, image: join(folder, 'vmlinuz'), left: readdirSync(join(cache, 'kernels')) };
  } finally {
    rmSync(cache, { recursive: true });
  }
}

describe('ktstr', () => {
  test('--version prints the version of the package', () => {
    expect(ktstr({ args: ['--version'] })).toEqual({ status: 0, stdout: `${manifest.version}\n`, stderr: '' });
  });

  test('--help names the commands and the exit codes', () => {
    const { status, stdout } = ktstr({ args: ['--help'] });
    expect(status).toBe(0);
    expect(stdout).toMatch(/setup[^]*kernel[^]*Exit codes: 0 done, 1 failed[^]*2 wrong usage, 70/);
  });

  test.each([
    ['an unknown command', ['knernel'], "unknown command 'knernel'"],
    ['an unknown option', ['kernel', 'list', '--yaml'], "unknown option '--yaml'"],
    ['an unknown flavour', ['kernel', 'fetch', '--flavour', 'rt'], 'Allowed choices are cloud, amd64'],
  ])('exits with 2 for %s', (_, args, message) => {
    const { status, stderr } = ktstr({ args });
    expect(status).toBe(2);
    expect(stderr).toContain(message);
  });

  test('exits with 1 and a message without stack when it cannot do what was asked', () => {
    const { status, stderr } = ktstr({ args: ['kernel', 'fetch'], env: { PATH: '/nonexistent' } });
    expect(status).toBe(1);
    expect(stderr).toMatch(/^fetch kernel from Debian 6\.12: this system has no apt/);
    expect(stderr).not.toContain('    at ');
  });

  test('kernel build names the packages that bring what is missing', () => {
    const { status, stderr } = ktstr({ args: ['kernel', 'build'], env: { PATH: '/nonexistent' } });
    expect(status).toBe(1);
    expect(stderr).toMatch(
      /^ {2}flex: .*\n(.*\n)*Run: sudo apt-get update && sudo apt-get install .*\bflex\b.*\bdwarves\b/m,
    );
  });

  test('kernel list --json prints one row per stored kernel', () => {
    const { status, stdout, image } = withCache(['kernel', 'list', '--json']);
    expect(status).toBe(0);
    expect(JSON.parse(stdout)).toEqual([{ ...KERNEL, image, vmlinux: null, modules: ['ring'] }]);
  });

  test('kernel list prints lines to cut when it writes to no terminal, also of what is corrupt', () => {
    const { stdout } = withCache(['kernel', 'list']);
    expect(stdout.split('\n')).toEqual([
      '6.12.1-own\t6.12.1\tyes\tyes\tring\t2026-01-01T00:00:00.000Z\ttest',
      '6.1-broken\t\t\t\t\t\tcorrupt: it has no metadata.json',
      '',
    ]);
  });

  test.each([
    ['key', '6.12.1-own'],
    ['release', '6.12.1'],
    ['beginning of a key', '6.12.1-o'],
    ['series', '6.12'],
  ])('kernel path takes a %s', (_, name) => {
    const { stdout, image } = withCache(['kernel', 'path', name]);
    expect(stdout).toBe(`${image}\n`);
  });

  test('kernel path without a key prints the image that tests take', () => {
    const { stdout, image } = withCache(['kernel', 'path']);
    expect(stdout).toBe(`${image}\n`);
  });

  test('kernel show prints all facts', () => {
    const { stdout, image } = withCache(['kernel', 'show', '6.12.1-own']);
    expect(stdout).toMatch(/^key +6\.12\.1-own$/m);
    expect(stdout).toMatch(/^schedulers +scx_simple$/m);
    expect(stdout).toContain(image);
  });

  test.each([
    ['suggests the name that was meant', '6.12.1-owm', 'did you mean 6.12.1-own?'],
    ['explains a corrupt entry', '6.1-broken', 'it has no metadata.json (no-metadata)'],
  ])('kernel show %s', (_, name, message) => {
    const { status, stderr } = withCache(['kernel', 'show', name]);
    expect(status).toBe(1);
    expect(stderr).toContain(message);
  });

  test.each([
    ['--corrupt', ['kernel', 'clean', '--corrupt'], 'removed 6.1-broken\n', ['6.12.1-own']],
    ['--keep 0', ['kernel', 'clean', '--keep', '0'], 'removed 6.12.1-own\n', ['6.1-broken']],
    ['--keep 1', ['kernel', 'clean', '--keep', '1'], 'no kernel removed\n', ['6.1-broken', '6.12.1-own']],
  ])('kernel clean %s removes just that', (...[, args, printed, remaining]) => {
    const { stdout, left } = withCache(args);
    expect(stdout).toBe(printed);
    expect(left).toEqual(remaining);
  });
});
