import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { chooseMachine } from '../../environment/availability';
import manifest from '../../package.json';
import type { Report } from '../../src/host/doctor/examine';

const root = resolve(__dirname, '../..');
const bin = join(root, manifest.bin.ktstr);
const DEADLINE_MS = 60_000;

interface Output {
  status: number | null;
  stdout: string;
  stderr: string;
}

function run(command: string, args: readonly string[], env: NodeJS.ProcessEnv = {}): Output {
  const options = { encoding: 'utf8', env: { ...process.env, ...env }, timeout: DEADLINE_MS } as const;
  const { status, stdout, stderr } = spawnSync(command, args, options);
  return { status, stdout, stderr };
}

/** The report, once it is sure that it has the shape that is promised. */
function reportOf({ status, stdout, stderr }: Output): Report {
  expect(stderr).toBe('');
  const report = JSON.parse(stdout) as Report;
  expect(Object.keys(report)).toEqual(['ok', 'machine', 'checks', 'kernels']);
  expect({ status, machine: report.machine }).toEqual(
    report.ok ? { status: 0, machine: 'emulated' } : { status: 1, machine: null },
  );
  for (const check of report.checks) {
    expect(Object.keys(check)).toEqual(['name', 'status', 'neededFor', 'found', 'remedy', 'facts']);
    expect([check.name, check.remedy === null]).toEqual([check.name, check.status === 'ok']);
    expect(`${check.found}${check.remedy}`).not.toContain('\n');
  }
  const names = report.checks.map(({ name }) => name);
  expect(names).toEqual([...new Set(names)]);
  return report;
}

function lacks(report: Report): Record<string, string | null> {
  const missing = report.checks.filter(({ status }) => status === 'missing');
  return Object.fromEntries(missing.map(({ name, remedy }) => [name, remedy]));
}

const apt = (name: string): string => `sudo apt-get install ${name}`;

/** What a PATH without programs and an empty cache lack, whoever runs it. */
const LACKS_OF_PROGRAMS = {
  qemu: apt('qemu-system-x86'),
  'qemu-microvm': apt('qemu-system-x86'),
  ...{ make: apt('make'), cc: apt('gcc'), flex: apt('flex'), bison: apt('bison'), bc: apt('bc') },
  ...{
    pahole: apt('dwarves'),
    python3: apt('python3-minimal'),
    lz4: apt('lz4'),
    clang: apt('clang-19'),
    tmux: apt('tmux'),
    iasl: apt('acpica-tools'),
    'clang-19': apt('clang-19'),
  },
  ...{ xz: apt('xz-utils'), zstd: apt('zstd') },
  'kernel-cache': 'npx ktstr kernel fetch',
  'sched-ext-kernel': 'npx ktstr kernel build',
};

/** What they lack besides on a machine with nothing. */
const LACKS_OF_FILES = {
  'bios-microvm.bin': apt('seabios'),
  'linuxboot_dma.bin': apt('qemu-system-data'),
  'libelf.h': apt('libelf-dev'),
  libFuzzer: apt('libclang-rt-19-dev'),
  'native-programs': expect.stringContaining('npx ktstr setup'),
  kernel: 'npx ktstr kernel fetch',
  'kvm-device': expect.stringContaining('modprobe'),
  'kvm-guest': expect.stringContaining('modprobe'),
};

/** What cannot be taken away from this machine, and what it may lack on its own. */
const NOT_HIDDEN = ['kvm-cpu', 'cgroup', 'guest-memory', 'disk-for-build', 'libc.a'];

/** Puts nothing in the place of the rest of what a machine can have, for itself alone, then runs Node with the given PATH. */
const WITH_NOTHING = `
set -e
if [ -e /dev/kvm ]; then mount --bind /dev/null /dev/kvm; fi
for folder in /boot /usr/include /usr/share/qemu /usr/share/seabios /usr/local/share/qemu \
  /usr/lib/llvm-19/lib/clang /usr/lib/clang "$1"; do
  if [ -d "$folder" ]; then mount -t tmpfs none "$folder"; fi
done
PATH=$2
shift 2
exec "$@"`;

const mayMount = (): boolean => run('unshare', ['--mount', 'true']).status === 0;

describe('ktstr doctor', () => {
  let folder: string;
  let path: string;
  let env: NodeJS.ProcessEnv;

  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'ktstr-doctor-'));
    path = join(folder, 'bin');
    mkdirSync(path);
    symlinkSync(process.execPath, join(path, 'node'));
    env = { KTSTR_CACHE_DIR: join(folder, 'cache'), KTSTR_KERNEL: '' };
  });

  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  test('names every program that is missing, and its remedy', () => {
    const report = reportOf(run(process.execPath, [bin, 'doctor', '--json'], { ...env, PATH: path }));
    expect(report).toMatchObject({ ok: false, kernels: [] });
    expect(lacks(report)).toMatchObject(LACKS_OF_PROGRAMS);
  });

  // Without the right to mount, the files of this machine cannot be hidden.
  const whereFilesCanBeHidden = mayMount() ? test : test.skip;

  whereFilesCanBeHidden('names everything that a machine with nothing lacks, and its remedy', () => {
    const hidden = ['--mount', 'sh', '-c', WITH_NOTHING, 'sh', join(root, 'native/build'), path];
    const call = (...args: string[]) => run('unshare', [...hidden, process.execPath, bin, 'doctor', ...args], env);
    const report = reportOf(call('--json'));
    const found = Object.entries(lacks(report)).filter(([name]) => !NOT_HIDDEN.includes(name));
    expect(Object.fromEntries(found)).toEqual({ ...LACKS_OF_PROGRAMS, ...LACKS_OF_FILES });
    const { status, stdout, stderr } = call();
    expect({ status, stderr }).toEqual({ status: 1, stderr: '' });
    for (const { name, remedy } of report.checks) {
      expect(stdout).toMatch(new RegExp(`^  [✓!✗] ${name} `, 'm'));
      if (remedy !== null) expect(stdout).toContain(`→ ${remedy}\n`);
    }
    const needed = 'qemu, qemu-microvm, bios-microvm.bin, linuxboot_dma.bin, native-programs, kernel';
    expect(stdout).toMatch(new RegExp(`\n\nthe demo cannot run yet: it lacks ${needed}\n$`));
  });

  test('lacks nothing for tests on a machine that is set up', () => {
    const report = reportOf(run(process.execPath, [bin, 'doctor', '--json']));
    const notOk = report.checks.filter(({ status }) => status !== 'ok').map(({ neededFor }) => neededFor);
    expect(notOk.filter((purpose) => ['demo', 'kernel-fetch', 'clone'].includes(purpose))).toEqual([]);
    expect(report).toMatchObject({ ok: true, machine: 'emulated' });
    expect(chooseMachine('auto')).toBe('emulated');
    // Why it is not the other one.
    expect(Object.keys(lacks(report)).filter((name) => name.startsWith('kvm-'))).not.toEqual([]);
    const usable = report.kernels.filter(({ problem }) => problem === null);
    expect(usable.map(({ release, btf }) => ({ release, btf }))).toContainEqual({
      release: expect.stringMatching(/^6\.12\./),
      btf: true,
    });
    const fields = ['key', 'release', 'source', 'folder', 'btf', 'schedExt', 'events', 'modules', 'absent', 'problem'];
    for (const kernel of report.kernels) expect(Object.keys(kernel)).toEqual(fields);
  });

  test('ends with the verdict, and without colours where there is no terminal', () => {
    const { status, stdout, stderr } = run(process.execPath, [bin, 'doctor']);
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    expect(stdout).toMatch(/\n\nnot on kvm: [^\n]+\nthe demo can run on: emulated\n$/);
    // oxlint-disable-next-line no-control-regex -- the escape is what must not be there
    expect(stdout).not.toMatch(/\x1b/);
  });
});
