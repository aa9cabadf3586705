import { expect, jest, test } from '@jest/globals';
import { mkdirSync, readdirSync, readFileSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';

import { cacheDir } from '../../src/host/kernel/store';
import { E2E_TIMEOUT_MS, expectStatuses, failureOf, makeProject, startJest, type Project } from './run-jest';

jest.setTimeout(E2E_TIMEOUT_MS);

const DEADLINE_MS = 60_000;

const forever = `
import { ktstrTest } from 'ktstr';
ktstrTest('holds', { timeoutMs: 600_000 }, async () => {
  await new Promise((resolve) => setTimeout(resolve, 500_000));
});
`;

const panics = `
import { writeFileSync } from 'node:fs';
import { ktstrTest } from 'ktstr';
ktstrTest('panics', { timeoutMs: 600_000 }, () => writeFileSync('/proc/sysrq-trigger', 'c'));
`;

test.each([
  { name: 'SIGKILL of the Jest worker', signal: 'SIGKILL', whom: 'worker' },
  { name: 'SIGKILL of Jest itself', signal: 'SIGKILL', whom: 'jest' },
  { name: 'Ctrl-C', signal: 'SIGINT', whom: 'group' },
] as const)('$name in the middle of a test leaves nothing behind', async ({ signal, whom }) => {
  using place = makePlace({ 'a.test.ts': forever, 'b.test.ts': forever });
  const started = startJest(place.project, { args: ['-w', '2'], detached: true, env: place.env });
  const jestPid = started.process.pid ?? 0;
  const machines = await waitFor('a machine of each Jest worker', () => atLeast(2, machinesUnder(jestPid)));
  const workers = machines.map(parentOf);
  expect(new Set([jestPid, ...workers]).size).toBe(3);
  process.kill({ worker: workers[0] ?? 0, jest: jestPid, group: -jestPid }[whom], signal);
  await waitFor('the machine of a killed worker to end', () => (isAlive(machines[0] ?? 0) ? null : true));
  // A Jest that lost a worker goes on with another one; all of it is ended here, as a user would.
  if (whom === 'worker') process.kill(-jestPid, 'SIGINT');
  await started.finished;
  await waitFor('all processes to end', () => ([...machines, ...workers].some(isAlive) ? null : true));
  expect(place.leftovers()).toEqual(NOTHING);
});

test('a guest panic is a failure at once and leaves nothing behind', async () => {
  using place = makePlace({ 'a.test.ts': panics });
  const run = await startJest(place.project, { env: place.env }).finished;
  expectStatuses(run, { panics: 'failed' });
  const failure = failureOf(run, 'panics');
  expect(failure).toContain('the guest kernel panicked');
  expect(failure).toContain('sysrq triggered crash');
  expect(failure).not.toContain('deadline');
  expect(place.leftovers()).toEqual(NOTHING);
});

const NOTHING = { memoryFiles: [], temporaryFiles: [], unfinished: [] };

interface Place extends Disposable {
  project: Project;
  env: NodeJS.ProcessEnv;
  leftovers(): Record<keyof typeof NOTHING, string[]>;
}

/** A project with a folder for temporary files and a cache of its own, so that other tests that run now do not show. Kernels are shared. */
function makePlace(files: Record<string, string>): Place {
  const project = makeProject(files);
  const [temporary, cache] = [join(project.dir, 'tmp'), join(project.dir, 'cache')];
  for (const directory of [temporary, cache]) mkdirSync(directory);
  for (const shared of ['kernels', 'unpacked-kernels']) {
    symlinkSync(join(cacheDir(process.env), shared), join(cache, shared));
  }
  const memoryFiles = readdirSync('/dev/shm');
  return {
    project,
    env: { TMPDIR: temporary, KTSTR_CACHE_DIR: cache },
    leftovers: () => ({
      memoryFiles: readdirSync('/dev/shm').filter((name) => !memoryFiles.includes(name)),
      temporaryFiles: readdirSync(temporary),
      unfinished: readdirSync(cache, { recursive: true })
        .map(String)
        .filter((name) => /lock|scratch|tmp/.test(name)),
    }),
    [Symbol.dispose]: () => project[Symbol.dispose](),
  };
}

function machinesUnder(ancestor: number): number[] {
  return pids().filter((pid) => commandOf(pid).startsWith('qemu-system') && hasAncestor(pid, ancestor));
}

function hasAncestor(pid: number, ancestor: number): boolean {
  for (let at = pid; at > 1; at = parentOf(at)) if (at === ancestor) return true;
  return false;
}

function pids(): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number);
}

/** Empty for a process that is gone, or a zombie. */
function commandOf(pid: number): string {
  return readProc(pid, 'cmdline').replaceAll('\0', ' ');
}

function parentOf(pid: number): number {
  return Number(/^PPid:\s+(\d+)/m.exec(readProc(pid, 'status'))?.[1] ?? 0);
}

function isAlive(pid: number): boolean {
  return commandOf(pid) !== '';
}

function readProc(pid: number, name: string): string {
  try {
    return readFileSync(join('/proc', String(pid), name), 'utf8');
  } catch {
    return '';
  }
}

function atLeast<T>(count: number, found: T[]): T[] | null {
  return found.length >= count ? found : null;
}

async function waitFor<T>(what: string, look: () => T | null): Promise<T> {
  const end = performance.now() + DEADLINE_MS;
  for (;;) {
    const found = look();
    if (found !== null) return found;
    if (performance.now() > end) throw new Error(`waited ${DEADLINE_MS} ms for ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
