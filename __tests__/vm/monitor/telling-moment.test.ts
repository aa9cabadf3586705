import { expect, jest, test } from '@jest/globals';

import { Scheduler } from '../../../src/spec/scheduler/scheduler';
import type { RunResult } from '../../../src/verdict/run-result';
import { MACHINE_TIMEOUT_MS, runBody, type InlineRun } from '../inline-test';

jest.setTimeout(3 * MACHINE_TIMEOUT_MS);

const pairFor = (hold: string): string =>
  `return executeDefs(ctx, [CgroupDef.named('pair').workers(2).cpuset(Cpuset.exact(0))], ${hold});`;
const PAIR = pairFor('Hold.full');

function waitingWorkers({ dump }: RunResult): { pid: number; waitedMs: number; cpu: number }[] {
  const waiting = dump?.sched?.waiting.filter(({ comm }) => comm === 'SpinWait') ?? [];
  return waiting.map(({ pid, waitedMs, cpu }) => ({ pid, waitedMs: waitedMs ?? NaN, cpu }));
}

test.each(['emulated', 'deterministic'] as const)(
  'a body that does not return in time is looked at while it waits, on the %s machine',
  async (machine) => {
    const { result, text } = await runBody(pairFor('Hold.fixed(60_000)'), {
      machine,
      durationMs: 1000,
      timeoutMs: 3000,
    });
    expect(result.failure).toBe('body-never-returned');
    expect(text).toMatch(
      /^the promise of inline was still pending after 3000 ms of guest time \(timeoutMs\): waiting for the end of a hold of 60000 ms, for [12]\.\d{3} s\n\nthe guest, seen from outside/,
    );
    // Of the two that share a CPU, one runs.
    expect(waitingWorkers(result)).toMatchObject([{ cpu: 0 }]);
    expect(text).toMatch(/\n {2}waits: SpinWait\[\d+\] \(fair\)[^\n]* on cpu 0, in the run queue of cpu 0\n/);
    expect(text).toMatch(/\n {2}cpu 0: runs SpinWait\[\d+\] \(fair\), 2 runnable\n/);
  },
);

const STUCK = /\(pid (\d+), SpinWait\) of cgroup "pair" was stuck for ([\d.]+) ms on cpu 0/;

test('a gap that is too long is dumped in virtual time as it nears its end, the same in each run', async () => {
  const scheduler = Scheduler.binary({ name: 'scx_ktstr', args: ['--degrade-after', '0.1'] });
  const run = (): Promise<InlineRun> =>
    runBody(PAIR, { machine: 'deterministic', durationMs: 500, maxGapMs: 30, maxSpreadPct: false, scheduler });
  const [first, second] = [await run(), await run()];
  expect(first.result).toMatchObject({ failure: 'check-failed', monitor: null });
  const [, pid, gapMs] = STUCK.exec(first.result.details[0]?.message ?? '') ?? [];
  const waiting = waitingWorkers(first.result);
  expect(waiting).toMatchObject([{ pid: Number(pid), cpu: 0 }]);
  // Ten milliseconds before the end, or at the next tick.
  expect(waiting[0]?.waitedMs).toBeGreaterThan(Number(gapMs) - 15);
  expect(waiting[0]?.waitedMs).toBeLessThan(Number(gapMs) - 5);
  expect(first.text).toMatch(new RegExp(`\\n {2}waits: SpinWait\\[${pid}\\] \\(ext\\) for [\\d.]+ ms on cpu 0, in `));
  expect(second.result.dump).toEqual(first.result.dump);
});

test('a scheduler that crashes in virtual time is dumped when the kernel tells of it, with its variables and all workers', async () => {
  const scheduler = Scheduler.binary({ name: 'scx_ktstr', args: ['--crash-after', '0.3'] });
  const { result, text } = await runBody(PAIR, { machine: 'deterministic', durationMs: 1000, scheduler });
  expect(result.failure).toBe('scheduler-crashed');
  const { waiting = [], cpus = [], variables = [] } = result.dump?.sched ?? {};
  const workers = [...waiting, ...cpus.map(({ curr }) => curr)].filter(({ comm }) => comm === 'SpinWait');
  expect(workers).toHaveLength(2);
  expect(variables.find(({ name }) => name === 'nr_enqueued')).toMatchObject({ isZero: false });
  expect(result.dump?.log).toContainEqual(expect.stringMatching(/sched_ext: BPF scheduler "ktstr" disabled/));
  expect(text).toMatch(/\nthe guest, seen from outside[^]*\nkernel log/);
});

test('figures that no moment stands for are dumped in virtual time at the end of the hold', async () => {
  const options = { machine: 'deterministic', durationMs: 300, minWorkRate: 1e15 } as const;
  const { result, text } = await runBody(PAIR, options);
  expect(result.failure).toBe('check-failed');
  expect(waitingWorkers(result)).toMatchObject([{ cpu: 0 }]);
  expect(text).toMatch(/\n {2}cpu 0: runs SpinWait\[\d+\] \(fair\), 2 runnable\n/);
});

test('a run that passes has no dump, though it came close to the end of its time', async () => {
  const { result } = await runBody(`await new Promise((resolve) => setTimeout(resolve, 1800));`, { timeoutMs: 2000 });
  expect(result).toMatchObject({ outcome: 'pass', dump: null, dumpFile: null });
});
