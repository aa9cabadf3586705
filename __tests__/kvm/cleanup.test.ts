import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

import { writeInitrd } from '../../environment/initrd';
import type { AnonymousFile } from '../../src/host/machine/anonymous-file';
import { scaledMs } from '../../src/spec/time-scale';
import { makeProject, startJest } from '../e2e/run-jest';
import { isRunning, waitUntil } from '../native/processes';
import { planBody } from '../vm/inline-test';

const HOLDS_MACHINE = join(__dirname, 'holds-machine.cjs');
/** Many times what a boot takes, on a KVM that is emulated as well. */
const DEADLINE_MS = 240_000;

const SAYS_AND_HOLDS = `fs.writeSync(fs.openSync('/dev/console', 'w'), 'the body runs\\n'); await new Promise(() => {});`;

const forever = `
import { ktstrTest } from 'ktstr';
ktstrTest('holds', { machine: 'kvm', timeoutMs: 600_000 }, async () => {
  console.log('the body runs');
  await new Promise((resolve) => setTimeout(resolve, 500_000));
});
`;

/** Every machine on KVM, and every descriptor of it, is a use of its module. */
function uses(): number {
  const module = readdirSync('/sys/module').find((name) => /^kvm_(amd|intel)$/.test(name));
  return Number(readFileSync(`/sys/module/${module}/refcnt`, 'utf8'));
}

function held(): object {
  return { uses: uses(), memoryFiles: readdirSync('/dev/shm') };
}

describe('SIGKILL of a process with a machine leaves nothing', () => {
  let initrd: AnonymousFile;
  let config: string;

  beforeAll(async () => {
    const { plan, spec } = await planBody(SAYS_AND_HOLDS, { machine: 'kvm', cores: 4, timeoutMs: 600_000 });
    initrd = await writeInitrd(plan.base, plan.suffix);
    const { kernelImage, cmdline } = plan;
    const { topology, memoryMib } = spec;
    config = JSON.stringify({ kernelImage, initrd: initrd.pathForChildren, cmdline, topology, memoryMib });
  });

  afterAll(() => initrd[Symbol.dispose]());

  test.each([
    ['while the machine is made', 'about to make the machine'],
    ['as soon as it runs', 'the machine runs'],
    ['when init has started', 'stage init'],
    ['while the test runs', 'the body runs'],
  ])('%s', async (_, line) => {
    const before = held();
    const child = spawn(process.execPath, [HOLDS_MACHINE, config], { stdio: ['ignore', 'pipe', 'inherit'] });
    try {
      await output(child, line);
    } finally {
      child.kill('SIGKILL');
    }
    await waitUntil('the process is gone', () => !isRunning(child.pid ?? 0), DEADLINE_MS);
    await waitUntil('KVM is let go', () => uses() === Reflect.get(before, 'uses'), DEADLINE_MS);
    expect(held()).toEqual(before);
  });
});

test('Ctrl-C in the middle of a test ends Jest and its machine at once', async () => {
  // What is a second on a machine of its own takes longer on an emulated one: as long as Node takes to start there, twice over.
  const startedAt = performance.now();
  spawnSync(process.execPath, ['-e', '0']);
  const limitMs = Math.max(1_000, 2 * (performance.now() - startedAt));
  const before = held();
  using project = makeProject({ 'a.test.ts': forever });
  // Jest keeps what is printed until the end of the file, unless it is verbose.
  const started = startJest(project, {
    args: ['--verbose'],
    detached: true,
    json: false,
    deadlineMs: scaledMs(DEADLINE_MS),
  });
  const group = -(started.process.pid ?? 0);
  await output(started.process, 'the body runs').catch(async (error: unknown) => {
    process.kill(group, 'SIGKILL');
    await started.finished;
    throw error;
  });
  const interruptedAt = performance.now();
  process.kill(group, 'SIGINT');
  const { exitCode, signal } = await started.finished;
  await waitUntil('KVM is let go', () => uses() === Reflect.get(before, 'uses'), DEADLINE_MS);
  const tookMs = performance.now() - interruptedAt;
  process.stdout.write(`  Ctrl-C to the end: ${Math.round(tookMs)} ms of at most ${Math.round(limitMs)} ms\n`);

  expect({ exitCode, signal }).not.toMatchObject({ exitCode: 0 });
  expect(held()).toEqual(before);
  expect(tookMs).toBeLessThan(limitMs);
});

async function output({ stdout }: ChildProcess, text: string): Promise<void> {
  let seen = '';
  stdout?.setEncoding('utf8').on('data', (chunk: string) => (seen += chunk));
  await waitUntil(`the process prints "${text}"`, () => seen.includes(text), DEADLINE_MS).catch((error: unknown) => {
    throw new Error(`${String(error)}\n${seen}`);
  });
}
