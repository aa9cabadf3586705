import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import manifest from '../../../../package.json';
import { buildKernel } from '../../../../src/host/kernel/build/build-kernel';
import { isRunning, waitUntil } from '../../processes';

const ROOT = resolve(__dirname, '../../../..');

/** Of this test: source tree, cache, the hold of a build, the processes of all builds. */
let folder: string;
const at = (name: string): string => join(folder, name);

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'ktstr-build-'));
  cpSync(join(ROOT, '__tests__/native/fixtures/mini-kernel'), at('tree'), { recursive: true });
  writeFileSync(at('builds'), '');
  mkdirSync(at('tmp'));
});

afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

/** Process ids of the make of every build that was begun. */
const builds = (): number[] => readFileSync(at('builds'), 'utf8').split('\n').filter(Boolean).map(Number);
const filesOf = (name: string): string[] => (existsSync(at(name)) ? readdirSync(at(name)) : []);

interface Builder {
  pid: number;
  printed(): string;
  ended: Promise<number | null>;
}

/** The command itself, in a process of its own. */
function startBuilder(args: readonly string[] = []): Builder {
  const command = [join(ROOT, manifest.bin.ktstr), 'kernel', 'build', '--source', at('tree'), ...args];
  const env = { ...process.env, KTSTR_CACHE_DIR: at('cache'), TMPDIR: at('tmp'), MINI_LOG: at('builds') };
  const child = spawn(process.execPath, command, {
    env: { ...env, MINI_HOLD: at('hold') },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let printed = '';
  child.stdout.on('data', (chunk: Buffer) => (printed += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (printed += chunk.toString()));
  const ended = once(child, 'close').then(([status]) => status as number | null);
  return { pid: child.pid ?? 0, printed: () => printed, ended };
}

/** A builder whose make runs and does not go on before `hold` is gone. */
async function startHeldBuilder(): Promise<Builder & { make: number }> {
  writeFileSync(at('hold'), '');
  const builder = startBuilder();
  await waitUntil('make runs', () => builds().length > 0);
  return { ...builder, make: builds()[0] ?? 0 };
}

const release = (): void => rmSync(at('hold'));

describe('ktstr kernel build', () => {
  test('stores image, stripped vmlinux, config and metadata, and writes nothing to the source tree', async () => {
    const before = readdirSync(at('tree'), { recursive: true });
    const builder = startBuilder();
    expect(await builder.ended).toBe(0);
    const [key = '', ...others] = filesOf('cache/kernels');
    expect(others).toEqual([]);
    expect(key).toMatch(/^6\.12\.0-mini-tree-x86_64-[0-9a-f]{8}$/);
    expect(filesOf(join('cache/kernels', key)).sort()).toEqual(['bzImage', 'config', 'metadata.json', 'vmlinux']);
    expect(readFileSync(at(join('cache/kernels', key, 'vmlinux')), 'latin1')).not.toContain('.debug_info');
    expect(builder.printed()).toContain('without example schedulers: this source has no tools/sched_ext');
    expect(readdirSync(at('tree'), { recursive: true })).toEqual(before);
  });

  test('returns at once when the kernel is there, and builds again with --force, a fragment or a change of the source', async () => {
    await startBuilder().ended;
    const second = startBuilder();
    expect(await second.ended).toBe(0);
    expect(second.printed()).toContain('is there already');
    expect(builds()).toHaveLength(1);
    await startBuilder(['--force']).ended;
    expect(builds()).toHaveLength(2);
    writeFileSync(at('fragment'), 'CONFIG_MINE=y\n');
    await startBuilder(['--config', at('fragment')]).ended;
    expect(builds()).toHaveLength(3);
    writeFileSync(at('tree/README'), 'changed');
    await startBuilder().ended;
    expect(builds()).toHaveLength(4);
    expect(filesOf('cache/kernels')).toHaveLength(3);
  });

  test('builds once when two builders want the same, and the second says for whom it waits', async () => {
    const first = await startHeldBuilder();
    const second = startBuilder();
    await waitUntil('the second waits', () => second.printed().includes(`wait for process ${first.pid} (`));
    release();
    expect(await Promise.all([first.ended, second.ended])).toEqual([0, 0]);
    expect(second.printed()).toContain('is there already');
    expect(builds()).toHaveLength(1);
  });

  test('leaves no process when it is killed, and the next build sweeps its files and works', async () => {
    const killed = await startHeldBuilder();
    process.kill(killed.pid, 'SIGKILL');
    await killed.ended;
    await waitUntil('make is gone', () => !isRunning(killed.make));
    expect(filesOf('cache/kernels')).toEqual([]);
    expect(filesOf('cache/kernel-builds')).toHaveLength(2);
    release();
    expect(await startBuilder().ended).toBe(0);
    expect(filesOf('cache/kernels')).toHaveLength(1);
    expect(filesOf('cache/kernel-builds')).toEqual([expect.stringMatching(/^[0-9a-f]{16}\.json$/)]);
    expect(filesOf('tmp')).toEqual([]);
  });

  test.each([
    ['SIGTERM', 143],
    ['SIGINT', 130],
  ] as const)('ends make and leaves nothing on %s', async (signal, status) => {
    const builder = await startHeldBuilder();
    process.kill(builder.pid, signal);
    expect(await builder.ended).toBe(status);
    await waitUntil('make is gone', () => !isRunning(builder.make));
    expect([...filesOf('cache/kernels'), ...filesOf('cache/kernel-builds')]).toEqual([]);
  });

  test('shows the lines of the compiler and keeps the log when compiling fails', async () => {
    writeFileSync(at('tree/init/main.c'), 'int main(void) { return missing; }\n');
    const builder = startBuilder();
    expect(await builder.ended).toBe(1);
    expect(builder.printed()).toMatch(
      /compile: it exited with status 2\n(.*\n)* {2}\| .*main\.c:1:25: error: .missing. undeclared/,
    );
    const [, log = ''] = /The whole log: (.*)/.exec(builder.printed()) ?? [];
    expect(readFileSync(log, 'utf8')).toContain('  CC      init/main.o');
    expect([...filesOf('cache/kernels'), ...filesOf('cache/kernel-builds')]).toEqual([log.split('/').at(-1)]);
  });
});

describe('buildKernel()', () => {
  const request = (source: string) => ({ cacheDir: at('cache'), source, onProgress: () => undefined });

  test('names what is needed and what is free before it begins when there is not enough space', async () => {
    const building = buildKernel({ ...request(at('tree')), neededBytes: 2 ** 60 });
    const fields = { path: at('cache/kernel-builds'), neededBytes: 2 ** 60, freeBytes: expect.any(Number) };
    await expect(building).rejects.toMatchObject({ code: 'kernel-build-space', fields });
  });

  test.each([
    ['.tar', []],
    ['.tar.gz', ['-z']],
    ['.tar.xz', ['-J']],
    ['.tar.bz2', ['-j']],
    ['.tar.zst', ['--zstd']],
  ])('builds from a tarball %s', async (suffix, packing) => {
    const tarball = at(`linux${suffix}`);
    const tar = spawn('tar', ['-c', ...packing, '-f', tarball, '-C', folder, 'tree']);
    await once(tar, 'close');
    const { kernel } = await buildKernel(request(tarball));
    expect(kernel).toMatchObject({
      release: '6.12.0-mini',
      source: `tarball ${tarball}`,
      schedExt: true,
      events: false,
    });
  });

  test.each([
    ['a tree that was built in place', (tree: string) => writeFileSync(join(tree, '.config'), ''), 'make -C'],
    ['a folder that is no kernel source', (tree: string) => rmSync(join(tree, 'Kbuild')), 'there is no Kbuild'],
    ['a path where nothing is', (tree: string) => rmSync(tree, { recursive: true }), 'does not exist'],
  ])('refuses %s', async (_, spoil, reason) => {
    spoil(at('tree'));
    const fields = { path: at('tree'), reason: expect.stringContaining(reason) };
    await expect(buildKernel(request(at('tree')))).rejects.toMatchObject({ code: 'kernel-source-unusable', fields });
  });

  test('says what tar says of a file that is no archive', async () => {
    const fields = { path: at('builds'), reason: expect.stringMatching(/tar does not unpack it: .*tar archive/) };
    writeFileSync(at('builds'), 'text\n'.repeat(200));
    await expect(buildKernel(request(at('builds')))).rejects.toMatchObject({ code: 'kernel-source-unusable', fields });
  });

  test('refuses an archive without kernel source and leaves nothing of it', async () => {
    mkdirSync(at('other'));
    await once(spawn('tar', ['-cf', at('other.tar'), '-C', folder, 'other']), 'close');
    const refusal = { code: 'kernel-source-unusable', fields: { path: at('other.tar') } };
    await expect(buildKernel(request(at('other.tar')))).rejects.toMatchObject(refusal);
    expect(filesOf('cache/kernel-builds')).toEqual([]);
  });
});
