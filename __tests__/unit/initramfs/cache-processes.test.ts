import { afterEach, beforeAll, afterAll, beforeEach, describe, expect, test } from '@jest/globals';
import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { build } from 'esbuild';
import { cached } from '../../../initramfs/cache';
import { useTempFolder } from './temp-folder';

const temp = useTempFolder();
let programs: string;
const started: ChildProcessByStdio<null, Readable, null>[] = [];

beforeAll(async () => {
  programs = mkdtempSync(join(tmpdir(), 'ktstr-cache-child-'));
  await build({
    entryPoints: [join(__dirname, 'cache-child.ts')],
    outfile: join(programs, 'child.js'),
    bundle: true,
    platform: 'node',
    target: 'node20',
  });
});

afterAll(() => rmSync(programs, { recursive: true, force: true }));

beforeEach(() => {
  process.env['KTSTR_CACHE_DIR'] = temp.path('cache');
});

afterEach(() => {
  delete process.env['KTSTR_CACHE_DIR'];
  for (const child of started.splice(0)) child.kill('SIGKILL');
});

function start(key: string, behaviour: 'quick' | 'stuck' = 'quick'): ChildProcessByStdio<null, Readable, null> {
  const args = [join(programs, 'child.js'), 'things', key, behaviour, temp.path('log')];
  const child = spawn(process.execPath, args, { env: process.env, stdio: ['ignore', 'pipe', 'inherit'] });
  started.push(child);
  return child;
}

async function startStuck(key: string): Promise<ChildProcessByStdio<null, Readable, null>> {
  const child = start(key, 'stuck');
  await once(child.stdout, 'data');
  return child;
}

async function kill(child: ChildProcessByStdio<null, Readable, null>): Promise<void> {
  child.kill('SIGKILL');
  await once(child, 'exit');
}

function buildCount(): number {
  return readFileSync(temp.path('log'), 'utf8').trim().split('\n').length;
}

describe('cached() in several processes', () => {
  test('builds once when all ask at the same time, and gives all the whole entry', async () => {
    const paths = await Promise.all(Array.from({ length: 6 }, async () => await text(start('same').stdout)));
    expect(new Set(paths)).toEqual(new Set([temp.path('cache/things/same')]));
    expect(readFileSync(temp.path('cache/things/same'), 'utf8')).toBe('whole');
    expect(buildCount()).toBe(1);
    expect(readdirSync(temp.path('cache/things'))).toEqual(['same']);
  });

  test('builds different keys at the same time', async () => {
    await startStuck('slow');
    expect(await text(start('other').stdout)).toBe(temp.path('cache/things/other'));
  });

  test('takes over from a killed builder and removes what it left', async () => {
    await kill(await startStuck('same'));
    expect(readdirSync(temp.path('cache/things'))).toHaveLength(2);
    expect(await text(start('same').stdout)).toBe(temp.path('cache/things/same'));
    expect(readdirSync(temp.path('cache/things'))).toEqual(['same']);
    expect(readFileSync(temp.path('cache/things/same'), 'utf8')).toBe('whole');
  });

  test('removes what a killed builder of another key left', async () => {
    await kill(await startStuck('abandoned'));
    await text(start('other').stdout);
    expect(readdirSync(temp.path('cache/things'))).toEqual(['other']);
  });

  test('lets one of those that wait build when the builder is killed', async () => {
    const stuck = await startStuck('same');
    const waiting = Array.from({ length: 4 }, () => start('same'));
    await Promise.all(waiting.map(async (child) => await once(child, 'spawn')));
    await kill(stuck);
    const paths = await Promise.all(waiting.map(async (child) => await text(child.stdout)));
    expect(new Set(paths)).toEqual(new Set([temp.path('cache/things/same')]));
    expect(buildCount()).toBe(2);
    expect(readdirSync(temp.path('cache/things'))).toEqual(['same']);
  });

  test('throws cache-busy with the holder when the wait is over', async () => {
    const stuck = await startStuck('same');
    const wanted = cached({ kind: 'things', key: 'same', waitMs: 50 }, () => undefined);
    const fields: unknown = expect.objectContaining({
      kind: 'things',
      key: 'same',
      pid: stuck.pid,
      command: expect.stringContaining('child.js things same stuck'),
      waitedMs: 50,
    });
    await expect(wanted).rejects.toMatchObject({ code: 'cache-busy', fields });
    expect(existsSync(temp.path('cache/things/same.lock'))).toBe(true);
  });
});
