import { spawnSync, type SpawnSyncReturns } from 'node:child_process';
import { chmodSync, copyFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';

import { WATCHDOG_FD } from '../../../src/guest/scheduler/watchdog';
import { builtProgram } from '../programs';

/** A user who has no process: a limit of processes is one of a user. */
const NOBODY_ELSE = 3_054_321;
const EXIT_USAGE = 2;

let folder: string;
let program: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'ktstr-watchdog-'));
  chmodSync(folder, 0o755);
  program = join(folder, 'watchdog');
  copyFileSync(builtProgram('guest/watchdog'), program);
});
afterAll(() => rmSync(folder, { recursive: true }));

/** A shell runs it, which can limit and close what a child has. */
function run(script: string, options: { uid?: number } = {}): SpawnSyncReturns<string> & { report: string } {
  const stdio = ['ignore' as const, ...Array.from({ length: WATCHDOG_FD }, () => 'pipe' as const)];
  const ended = spawnSync('/bin/sh', ['-c', script, program], { stdio, encoding: 'utf8', timeout: 10_000, ...options });
  return { ...ended, report: ended.output[WATCHDOG_FD] ?? '' };
}

test('the program runs in its place, and what came of the limit is told', () => {
  const { status, stdout, report } = run('exec "$0" 1000 /bin/echo ran');
  expect({ status, stdout }).toEqual({ status: 0, stdout: 'ran\n' });
  expect(report).toMatch(/^failed .+\n$/);
});

test.each([1, 2])('a tracer that cannot start, as there may be %i processes only, is told', (limit) => {
  // As another user than root this is the only one there is, who has processes enough for the first fork(2) to fail.
  const user = process.getuid?.() === 0 ? { uid: NOBODY_ELSE } : {};
  const { stdout, report } = run(`exec prlimit --nproc=${limit} "$0" 1000 /bin/echo ran`, user);
  expect(stdout).toBe('ran\n');
  expect(report).toBe('failed start: Resource temporarily unavailable\n');
});

test.each([
  { name: 'no limit', args: '' },
  { name: 'a limit beyond the kernel’s', args: '30001 /bin/echo' },
  { name: 'a limit that is no number', args: '1s /bin/echo' },
  { name: 'no place for its report', args: `1000 /bin/echo ${WATCHDOG_FD}>&-` },
])('with $name it says how it is used', ({ args }) => {
  const { status, stdout, stderr } = run(`exec "$0" ${args}`);
  expect({ status, stdout }).toEqual({ status: EXIT_USAGE, stdout: '' });
  expect(stderr).toMatch(/^usage: watchdog TIMEOUT_MS/);
});
