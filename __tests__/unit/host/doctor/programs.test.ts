import { describe, expect, test } from '@jest/globals';
import { chmodSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { judgeNativePrograms, NATIVE_PROGRAMS } from '../../../../src/host/doctor/native-programs';
import { judgeNode } from '../../../../src/host/doctor/node';
import { checkTools, type Tool } from '../../../../src/host/doctor/tools';
import { judgeVariables } from '../../../../src/host/doctor/variables';
import { packageRoot } from '../../../../src/package-root';
import { temporaryFolder, writeTree } from '../kernel/kernel-files';

test.each([
  ['20.19.0', 'ok', null],
  ['24.0.0', 'ok', null],
  ['20.18.9', 'missing', 'install Node 20.19 or later'],
  ['9.99.0', 'missing', 'install Node 20.19 or later'],
])('judgeNode() of %s is %s when 20.19 is needed', (version, status, remedy) => {
  expect(judgeNode(version, '>=20.19')).toMatchObject({ status, remedy, facts: { version, oldest: '20.19' } });
});

describe('NATIVE_PROGRAMS', () => {
  test('are those of the Makefile, without what tests and benchmarks use', () => {
    const makefile = readFileSync(join(packageRoot(), 'native/Makefile'), 'utf8').replaceAll('\\\n', ' ');
    const built = /^PROGRAMS := (.*)$/m.exec(makefile)?.[1]?.split(/\s+/) ?? [];
    const product = built.filter((path) => !/^build\/(bench|nested|test)\/|_(test|sample)$/.test(path));
    expect(NATIVE_PROGRAMS.map((name) => `build/${name}`).sort()).toEqual(product.sort());
  });
});

describe('judgeNativePrograms()', () => {
  function judge(change: { without?: string; notExecutable?: string }) {
    using folder = temporaryFolder();
    const names = NATIVE_PROGRAMS.filter((name) => name !== change.without);
    writeTree(folder.path, Object.fromEntries(names.map((name) => [`native/build/${name}`, 'x'])));
    for (const name of names) {
      const mode = name.endsWith('.node') || name === change.notExecutable ? 0o644 : 0o755;
      chmodSync(join(folder.path, 'native/build', name), mode);
    }
    return judgeNativePrograms(folder.path);
  }

  test('is ok when all are there', () => {
    expect(judge({})).toMatchObject({ status: 'ok', facts: { absent: [] } });
  });

  test.each([
    ['is gone', { without: 'guest/kit.node' }, 'guest/kit.node'],
    ['cannot be executed', { notExecutable: 'host/tether' }, 'host/tether'],
  ])('names the one that %s', (_, change, name) => {
    const judged = judge(change);
    expect(judged).toMatchObject({ status: 'missing', facts: { absent: [name] } });
    expect(judged.remedy).toContain('npx ktstr setup');
  });
});

describe('checkTools()', () => {
  const tool = (what: string, when: Tool['when'], place: string | null = null): Tool => {
    return { what, when, place, why: 'does something', debianPackage: `${what}-package`, remedy: `get ${what}` };
  };
  const tools = [
    ...[tool('qemu-system-x86_64', 'run'), tool('bios-microvm.bin', 'run'), tool('xz', 'run')],
    ...[tool('make', 'build'), tool('tmux', 'build', '/usr/bin/tmux'), tool('make', 'kernel'), tool('xz', 'kernel')],
  ];

  test('gives each tool one check, for the first thing that it is wanted for', () => {
    const checks = checkTools(tools, { isClone: true });
    expect(checks.map(({ name, neededFor, status }) => `${neededFor} ${name} ${status}`)).toEqual([
      ...['kernel-fetch xz missing', 'kernel-build make missing', 'clone tmux ok'],
    ]);
  });

  test('leaves out what only a clone needs', () => {
    expect(checkTools(tools, { isClone: false }).map(({ name }) => name)).toEqual(['xz', 'make']);
  });

  test('names the remedy and the Debian package', () => {
    const [xz] = checkTools(tools, { isClone: false });
    expect(xz).toMatchObject({ found: 'not there; it does something', facts: { debianPackage: 'xz-package' } });
    expect(xz?.remedy).toBe('get xz');
  });
});

test.each([
  [{ PATH: '/bin' }, 'no variable KTSTR_* is set', []],
  [{ KTSTR_REQUIRE: '1', A: '', KTSTR_KERNEL: '6.12' }, 'KTSTR_KERNEL=6.12 KTSTR_REQUIRE=1', expect.any(Array)],
])('judgeVariables() of %j', (env, found, set) => {
  expect(judgeVariables(env)).toEqual({ status: 'ok', found, remedy: null, facts: { set } });
});
