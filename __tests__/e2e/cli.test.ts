import { describe, expect, test } from '@jest/globals';
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
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

/** Calls with a cache of its own that holds one kernel. */
function withCache(args: string[]) {
  const cache = mkdtempSync(join(tmpdir(), 'ktstr-cli-'));
  const folder = join(cache, 'kernels/6.12.1');
  const kernel = { release: '6.12.1', arch: 'x86_64', source: 'test', fetchedAt: '2026-01-01T00:00:00.000Z' };
  try {
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, 'vmlinuz'), 'image');
    const metadata = { ...kernel, image: 'vmlinuz', modules: [], absent: [] };
    writeFileSync(join(folder, 'metadata.json'), JSON.stringify(metadata));
    return { ...ktstr({ args, env: { KTSTR_CACHE_DIR: cache } }), kernel, folder };
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

  test('kernel list --json prints one row per stored kernel', () => {
    const { status, stdout, kernel, folder } = withCache(['kernel', 'list', '--json']);
    expect(status).toBe(0);
    expect(JSON.parse(stdout)).toEqual([{ ...kernel, image: join(folder, 'vmlinuz'), modules: [] }]);
  });

  test('kernel list prints lines to cut when it writes to no terminal', () => {
    const { stdout } = withCache(['kernel', 'list']);
    expect(stdout).toBe('6.12.1\tx86_64\t\t2026-01-01T00:00:00.000Z\ttest\n');
  });
});
