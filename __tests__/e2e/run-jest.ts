import { expect } from '@jest/globals';
import { spawn, type ChildProcess } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { scaledMs } from '../../src/spec/time-scale';

const root = resolve(__dirname, '../..');

/** Chosen: several machines one after the other on a busy host; a Jest that hangs fails its test here and not by Jest's timeout. */
const DEADLINE_MS = scaledMs(240_000);

/** For tests that boot machines: longer than the deadline of a run of Jest, so that a hanging run is reported with its output. */
export const E2E_TIMEOUT_MS = 2 * DEADLINE_MS;

/** What a project finds in its node_modules. */
const PACKAGES = [
  ...['jest', 'jest-circus', 'jest-environment-node', 'jest-junit', 'reflect-metadata'],
  ...['@jest/globals', '@swc/core', '@swc/jest', 'esbuild'],
];

/** Variables that change what Jest prints or does, and those that the Jest around this one has set. */
const NOT_INHERITED = [
  'CI',
  'COLORTERM',
  'FORCE_COLOR',
  'GITHUB_ACTIONS',
  'JEST_WORKER_ID',
  'NODE_ENV',
  'NODE_OPTIONS',
];

export interface ProjectOptions {
  /** Jest configuration. Default `{ preset: 'ktstr' }`; none is written when the files bring a jest.config.*. */
  config?: object;
}

export interface JestOptions {
  /** Arguments of the command line, beside `--json --outputFile` (see `json`) and the folder of the cache. */
  args?: readonly string[];
  /** On top of this process's environment; undefined takes a variable out. `KTSTR_REQUIRE` is 1 unless it is given here. */
  env?: NodeJS.ProcessEnv;
  /** False leaves `--json` and `--outputFile` out, so that output goes where it goes without them; `results` is then null. */
  json?: boolean;
  /** Gives Jest a process group of its own, as a shell does for a command. */
  detached?: boolean;
  /** Milliseconds after which Jest is killed and the run rejects with what it had printed. */
  deadlineMs?: number;
}

export interface TestCase {
  fullName: string;
  title: string;
  ancestorTitles: string[];
  status: 'passed' | 'failed' | 'pending' | 'skipped' | 'todo' | 'focused' | 'disabled';
  duration: number | null;
  failureMessages: string[];
}

/** What `--json` gives, as far as it is used here. */
export interface JestResults {
  success: boolean;
  numTotalTests: number;
  numPassedTests: number;
  numFailedTests: number;
  numPendingTests: number;
  numRuntimeErrorTestSuites: number;
  testResults: { name: string; status: 'passed' | 'failed'; message: string; assertionResults: TestCase[] }[];
}

export interface JestRun {
  /** Null when a signal ended Jest. */
  exitCode: number | null;
  signal: NodeJS.Signals | null;
  /** Null when Jest wrote none. */
  results: JestResults | null;
  stdout: string;
  stderr: string;
}

export interface StartedJest {
  process: ChildProcess;
  /** Resolves when Jest has ended and its output is closed. */
  finished: Promise<JestRun>;
}

/** A project on disk, as a user of the package would have it. Its path has no links in it. Disposing of it removes it. */
export interface Project extends Disposable {
  dir: string;
  /** Writes or overwrites files; the names are relative to the folder. */
  write(files: Record<string, string>): void;
  /** The text of a file that Jest or a test has written. */
  read(name: string): string;
}

/** Makes a temporary project with `files`, in which ktstr, jest and what belongs to it are installed. */
export function makeProject(
  files: Record<string, string>,
  { config = { preset: 'ktstr' } }: ProjectOptions = {},
): Project {
  const dir = realpathSync(mkdtempSync(join(tmpdir(), 'ktstr-e2e-')));
  const write = (sources: Record<string, string>): void => {
    for (const [name, text] of Object.entries(sources)) {
      mkdirSync(dirname(join(dir, name)), { recursive: true });
      writeFileSync(join(dir, name), text);
    }
  };
  link(dir, 'ktstr', root);
  for (const name of PACKAGES) link(dir, name, join(root, 'node_modules', name));
  const brings = (name: string): boolean => Object.keys(files).some((file) => file.startsWith(name));
  if (!brings('package.json')) write({ 'package.json': '{ "name": "project", "private": true }\n' });
  if (!brings('jest.config.')) write({ 'jest.config.json': `${JSON.stringify(config, null, 2)}\n` });
  write(files);
  return {
    dir,
    write,
    read: (name) => readFileSync(join(dir, name), 'utf8'),
    [Symbol.dispose]: () => rmSync(dir, { recursive: true, force: true }),
  };
}

function link(dir: string, name: string, target: string): void {
  const path = join(dir, 'node_modules', name);
  mkdirSync(dirname(path), { recursive: true });
  symlinkSync(target, path);
}

/** The command that runs Jest in a project, with all its arguments, and the environment it needs. */
export function jestCommand(project: Project, { args = [], env = {}, json = true }: JestOptions = {}) {
  const inherited = { ...process.env };
  for (const name of NOT_INHERITED) delete inherited[name];
  const output = json ? ['--json', `--outputFile=${join(project.dir, RESULTS)}`] : [];
  // A cache of its own: Jest's usual one, in the folder of temporary files, would keep an entry of each project for ever.
  const cache = `--cacheDirectory=${join(project.dir, 'node_modules/.jest-cache')}`;
  return {
    program: process.execPath,
    args: [join(root, 'node_modules/jest/bin/jest.js'), cache, ...output, ...args],
    env: { ...inherited, KTSTR_REQUIRE: '1', ...env } as NodeJS.ProcessEnv,
  };
}

const RESULTS = 'node_modules/.results.json';

/** Starts Jest's command line in a project and leaves it to the caller what happens to it. Its output is no terminal. */
export function startJest(project: Project, options: JestOptions = {}): StartedJest {
  const { program, args, env } = jestCommand(project, options);
  rmSync(join(project.dir, RESULTS), { force: true });
  const detached = options.detached ?? false;
  const child = spawn(program, args, { cwd: project.dir, env, stdio: ['ignore', 'pipe', 'pipe'], detached });
  return { process: child, finished: finish(child, project, options.deadlineMs ?? DEADLINE_MS) };
}

async function finish(child: ChildProcess, project: Project, deadlineMs: number): Promise<JestRun> {
  const output = { stdout: '', stderr: '' };
  for (const name of ['stdout', 'stderr'] as const)
    child[name]?.setEncoding('utf8').on('data', (text: string) => (output[name] += text));
  let isLate = false;
  const timer = setTimeout(() => {
    isLate = true;
    child.kill('SIGKILL');
  }, deadlineMs);
  const [exitCode, signal] = await new Promise<[number | null, NodeJS.Signals | null]>((done, reject) => {
    child.once('error', reject);
    child.once('close', (code, by) => done([code, by]));
  }).finally(() => clearTimeout(timer));
  if (isLate) throw new Error(`Jest was not done after ${deadlineMs} ms\n${output.stdout}\n${output.stderr}`);
  const path = join(project.dir, RESULTS);
  const results = existsSync(path) ? (JSON.parse(readFileSync(path, 'utf8')) as JestResults) : null;
  return { exitCode, signal, results, ...output };
}

/**
 * Runs Jest's command line to its end in a temporary project made of `files`, which is removed afterwards.
 *
 * @example const run = await runJest({ 'a.test.ts': source }, { args: ['-t', 'one'] });
 */
export async function runJest(
  files: Record<string, string>,
  options: ProjectOptions & JestOptions = {},
): Promise<JestRun> {
  using project = makeProject(files, options);
  return await startJest(project, options).finished;
}

/**
 * All tests of a run by their full names; of several with one name the last.
 *
 * @throws {Error} with the output of Jest when it wrote no results or a file did not load
 */
export function statusesOf(run: JestRun): Statuses {
  if (run.results?.testResults.some(isLoadFailure)) throw new Error(`a file did not load\n${outputOf(run)}`);
  return Object.fromEntries(casesOf(run).map((test) => [test.fullName, test.status]));
}

export type Statuses = Record<string, TestCase['status']>;

/** Expects the tests of a run to be exactly these, with these statuses; if they are not, shows what Jest printed. */
export function expectStatuses(run: JestRun, expected: Statuses): void {
  try {
    expect(statusesOf(run)).toEqual(expected);
  } catch (error) {
    throw new Error(`${(error as Error).message}\n\n${outputOf(run)}`);
  }
}

/** Expects a text to have these parts in it, one after the other. */
export function expectInOrder(text: string, parts: readonly string[]): void {
  let from = 0;
  for (const part of parts) {
    const at = text.indexOf(part, from);
    if (at === -1)
      throw new Error(`"${part}" is not in this text behind the parts before it (${parts.join(' … ')}):\n${text}`);
    from = at + part.length;
  }
}

/** Everything that made a test fail, as Jest hands it to reporters. @throws {Error} with the output of Jest when there is no such test */
export function failureOf(run: JestRun, fullName: string): string {
  const found = casesOf(run).find((test) => test.fullName === fullName);
  if (!found) throw new Error(`no test "${fullName}" was run\n${outputOf(run)}`);
  return found.failureMessages.join('\n');
}

/** Why a file did not load, as Jest prints it. @throws {Error} with the output of Jest when it did load */
export function loadFailureOf(run: JestRun, name: string): string {
  const found = run.results?.testResults.find((file) => file.name.endsWith(`/${name}`) && isLoadFailure(file));
  if (!found) throw new Error(`${name} was not run, or loaded\n${outputOf(run)}`);
  return found.message;
}

function isLoadFailure({ status, assertionResults }: JestResults['testResults'][number]): boolean {
  return status === 'failed' && assertionResults.length === 0;
}

function casesOf(run: JestRun): TestCase[] {
  if (!run.results) throw new Error(`Jest wrote no results\n${outputOf(run)}`);
  return run.results.testResults.flatMap((file) => file.assertionResults);
}

function outputOf({ stdout, stderr }: JestRun): string {
  return `${stdout}\n${stderr}`;
}
