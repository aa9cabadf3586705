import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import manifest from '../../package.json';
import { cacheDir, storedKernels } from '../../src/host/kernel/store';
import { install, pack } from '../readme/packed';
import { readme, ROOT, shellCommands, snippet, snippets, withImports } from '../readme/snippets';
import {
  E2E_TIMEOUT_MS,
  expectStatuses,
  makeProject,
  startJest,
  statusesOf,
  type JestRun,
  type Project,
  type Statuses,
} from './run-jest';

/** It is there to show how a failure looks. */
const BROKEN = 'tests/pair.test.ts';

/** For one Jest with a machine for each test of the README: a minute on two idle cores. */
const ALL_MS = 420_000;

const tsconfig = (experimentalDecorators: boolean): string =>
  JSON.stringify({
    compilerOptions: {
      ...{ strict: true, noEmit: true, module: 'nodenext', target: 'es2023', skipLibCheck: true, types: ['node'] },
      ...{ experimentalDecorators, typeRoots: [join(ROOT, 'node_modules/@types')] },
    },
    include: [experimentalDecorators ? 'tests' : 'standard'],
  });

/** A project with every file that the README shows, and with the package that `npm pack` makes. */
function readmeProject(): Project {
  using packed = pack();
  const shown = snippets().filter(({ language }) => language === 'ts' || language === 'js');
  const sources = shown.map(({ name, code }) => [name, name.endsWith('.ts') ? withImports(code) : code]);
  const project = makeProject({
    ...Object.fromEntries(sources),
    'legacy.tsconfig.json': tsconfig(true),
    'standard.tsconfig.json': tsconfig(false),
  });
  install(packed, project);
  return project;
}

/** What Jest printed about a failed test, up to the next file or the summary. */
function reportOf({ stderr }: JestRun, heading: string): string {
  const from = stderr.indexOf(heading);
  const [report = ''] = from === -1 ? [] : stderr.slice(from).split(/^(?:PASS|FAIL|Test Suites:)/m);
  return report;
}

/** The text without its figures, which differ from run to run. */
function withoutFigures(report: string): string {
  return report.replace(/(?<![[\w])\d+([.,-]\d+)*/g, '#').trimEnd();
}

describe('README', () => {
  let project: Project;

  beforeAll(() => {
    project = readmeProject();
  });

  afterAll(() => project[Symbol.dispose]());

  function node(args: readonly string[]) {
    const { status, stdout, stderr } = spawnSync(process.execPath, args, { cwd: project.dir, encoding: 'utf8' });
    return { status, stdout, stderr };
  }

  test.each(['legacy', 'standard'])('its tests compile with %s decorators', (style) => {
    const tsc = join(ROOT, 'node_modules/typescript/bin/tsc');
    expect(node([tsc, '-p', `${style}.tsconfig.json`])).toEqual({ status: 0, stdout: '', stderr: '' });
  });

  test(
    'its tests pass in virtual machines, and the broken one fails as shown',
    async () => {
      const run = await startJest(project, { args: ['--testPathIgnorePatterns', 'standard'], deadlineMs: ALL_MS })
        .finished;
      const notPassed: Statuses = { 'Pair waitsAtMostOneMs': 'failed', 'Defaults manyCpus': 'pending' };
      const others = Object.keys(statusesOf(run)).map((name) => [name, 'passed']);
      expectStatuses(run, { ...Object.fromEntries(others), ...notPassed });
      const files = run.results?.testResults.map(({ name }) => name.slice(project.dir.length + 1)) ?? [];
      const shown = snippets().flatMap(({ language, name }) => (language === 'ts' ? [name] : []));
      expect(files.sort()).toEqual(shown.filter((name) => dirname(name) !== 'standard').sort());
      const sample = snippet(`output of ${BROKEN}`).code;
      expect(withoutFigures(reportOf(run, sample.split('\n')[0] ?? ''))).toBe(withoutFigures(sample));
      expect(`${run.stdout}${run.stderr}`).toContain('hook in PID 1');
    },
    E2E_TIMEOUT_MS,
  );

  test(
    'its tests with standard decorators pass',
    async () => {
      const run = await startJest(project, { args: ['--config', 'standard/jest.config.js'] }).finished;
      expect(statusesOf(run)).toEqual({ 'Standard oneCpu': 'passed' });
    },
    E2E_TIMEOUT_MS,
  );

  test(
    'its command for CI holds the snapshot that was taken before, with the kernel that it names, and writes junit.xml',
    async () => {
      const [, line = ''] = /run: npx jest (.*)/.exec(snippet('.github/workflows/test.yml').code) ?? [];
      const [, kernel = ''] = /KTSTR_KERNEL=([\d.]+) npx jest/.exec(shellCommands().join('\n')) ?? [];
      const args = [...line.split(' '), '--testPathPatterns', 'virtual-time'];
      const run = await startJest(project, { args, env: { KTSTR_KERNEL: kernel } }).finished;
      expect(statusesOf(run)).toEqual({ 'VirtualTime repeats': 'passed' });
      expect(project.read('tests/__snapshots__/virtual-time.test.ts.snap')).toMatch(/ktstr image [0-9a-f]{16}\n/);
      expect(project.read('junit.xml')).toContain('name="VirtualTime repeats"');
      expect(run.exitCode).toBe(0);
    },
    E2E_TIMEOUT_MS,
  );

  test('its ktstr commands are there, list the kernel, and find nothing that the demo lacks', () => {
    const lines = shellCommands().flatMap((line) => /^npx ktstr (.*)/.exec(line)?.[1] ?? []);
    // Up to the first word that is an option or a value.
    const commands = lines.map((line) => /^[a-z]+( [a-z]+)*(?= |$)/.exec(line)?.[0] ?? '');
    const shown = ['build', 'fetch', 'list', 'show', 'path', 'clean'].map((name) => `kernel ${name}`);
    expect(commands).toEqual(expect.arrayContaining(['setup', 'doctor', ...shown]));
    const bin = join('node_modules/ktstr', manifest.bin.ktstr);
    const options = lines.flatMap((line) => line.match(/(?<= )--[a-z]+/g) ?? []);
    const help = shown.map((command) => node([bin, ...command.split(' '), '--help']).stdout).join('');
    expect(options.filter((option) => !help.includes(option))).toEqual([]);
    for (const command of commands) {
      expect(node([bin, ...command.split(' '), '--help'])).toMatchObject({
        status: 0,
        stdout: expect.stringContaining(`Usage: ktstr ${command} `),
      });
    }
    expect(node([bin, 'kernel', 'list'])).toMatchObject({ status: 0, stdout: expect.stringMatching(/^6\.12\./) });
    const doctor = node([bin, 'doctor']);
    expect(doctor).toMatchObject({ status: 0, stdout: expect.stringMatching(/\nthe demo can run on: emulated\n$/) });
    const sample = snippet('output of ktstr doctor').code.split('\n');
    const labels = sample.flatMap((line) => /^  [✓✗] ([\w-]+ +)/.exec(line)?.[1] ?? []);
    expect([sample[0], ...labels].filter((text) => !doctor.stdout.includes(text ?? ''))).toEqual([]);
  });

  test('the options of the kernel that it asks for are set in the kernel that is fetched', () => {
    const asked = readme().match(/\bCONFIG_\w+/g) ?? [];
    const kernel = storedKernels(cacheDir(process.env)).find(({ schedExt }) => !schedExt);
    const config = readFileSync(join(kernel?.folder ?? '', 'config'), 'utf8');
    expect(asked).not.toEqual([]);
    expect(asked.filter((name) => !new RegExp(`^${name}=[ym]$`, 'm').test(config))).toEqual([]);
  });
});
