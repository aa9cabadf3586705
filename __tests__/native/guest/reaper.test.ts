import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';

import { isPresent, isRunning, isZombie, waitUntil } from '../processes';
import { builtProgram } from '../programs';

interface Seen {
  syncCode: number;
  endings: { orphan: number; code: number }[];
}

let dir: string;
let main: string;
let kit: string;
let parent: ChildProcess | undefined;

beforeAll(() => {
  kit = builtProgram('guest/kit.node');
  dir = mkdtempSync(join(tmpdir(), 'ktstr-reaper-'));
  main = join(dir, 'makes-orphans.js');
  const entry = join(__dirname, '../fixtures/makes-orphans.ts');
  const esbuild = require.resolve('esbuild/bin/esbuild');
  execFileSync(esbuild, [entry, '--bundle', '--platform=node', '--log-level=warning', `--outfile=${main}`]);
});

afterEach(() => {
  parent?.kill('SIGKILL');
});

afterAll(() => {
  rmSync(dir, { recursive: true });
});

async function makeOrphans(mode: 'reaping' | 'idle'): Promise<Seen> {
  const child = spawn(process.execPath, [main, kit, mode], { stdio: ['pipe', 'pipe', 'inherit'] });
  parent = child;
  for await (const line of createInterface(child.stdout)) return JSON.parse(line) as Seen;
  throw new Error('the parent of the orphans said nothing');
}

test('Reaper takes every orphan and leaves the exit codes of children to Node', async () => {
  const { syncCode, endings } = await makeOrphans('reaping');

  expect(endings.map(({ code }) => code)).toEqual(endings.map((_, i) => i));
  expect(syncCode).toBe(42);
  await waitUntil('no orphan is left', () => !endings.some(({ orphan }) => isPresent(orphan)));
});

test('orphans stay zombies when there is no Reaper', async () => {
  const { endings } = await makeOrphans('idle');

  await waitUntil('the orphans have ended', () => !endings.some(({ orphan }) => isRunning(orphan)));
  // Under load one may end before its parent does, which then may take it.
  expect(endings.some(({ orphan }) => isZombie(orphan))).toBe(true);
});
