import { spawnSync } from 'node:child_process';
import { availableParallelism } from 'node:os';
import { setTimeout } from 'node:timers/promises';

import { beforeAll, expect, test } from '@jest/globals';

import { WorkerKit, type WorkerDeath, type WorkerGroup } from '../../../../src/guest/workers/worker-kit';
import { WORK_TYPES, type WorkTypeName } from '../../../../src/spec/workload/work-spec';
import { isRunning, schedulingOf, waitUntil } from '../../processes';
import { builtProgram } from '../../programs';

const SCHED_OTHER = 0;
const SCHED_FIFO = 1;

const HOLD_MS = 200;

let program: string;

beforeAll(() => {
  program = builtProgram('guest/workers');
});

function group(fields: Partial<WorkerGroup> = {}): WorkerGroup {
  return { cgroup: 'left', cgroupDir: null, workers: 1, workType: 'SpinWait', seed: 1, ...fields };
}

test('WorkerKit gives a plausible report for each of 4 workers that spin for 200 ms', async () => {
  await using kit = await WorkerKit.launch(program);
  kit.addGroup(group({ workers: 4 }));
  const spawned = await kit.spawn();
  const startedAt = performance.now();
  await kit.start();
  await setTimeout(HOLD_MS);
  const reports = await kit.stop();
  const elapsedNs = (performance.now() - startedAt) * 1e6;

  expect(reports.map(({ pid, index }) => ({ cgroup: 'left', index, pid }))).toEqual(spawned);
  for (const report of reports) {
    expect(report).toMatchObject({ cgroup: 'left', workType: 'SpinWait', exit: { kind: 'completed' } });
    expect(report.iterations).toBeGreaterThan(0);
    expect(report.workUnits).toBe(1024 * report.iterations);
    // On a busy host a worker gets its first CPU late; that not all do is checked below.
    expect(report.wallTimeNs).toBeLessThanOrEqual(elapsedNs);
    expect(report.cpuTimeNs).toBeGreaterThan(0);
    expect(report.offCpuNs).toBe(Math.max(0, report.wallTimeNs - report.cpuTimeNs));
    expect(report.maxGapNs).toBeGreaterThan(0);
    expect(report.maxGapNs).toBeLessThanOrEqual(report.maxGapAtNs);
    expect(report.maxGapAtNs).toBeLessThanOrEqual(report.wallTimeNs);
    expect(report.cpusUsed).toContain(report.maxGapCpu);
    expect(report.migrations).toHaveLength(Math.min(report.migrationCount, 64));
    expect(new Set(report.migrations.flatMap(({ from, to }) => [from, to]))).toEqual(
      new Set(report.migrationCount === 0 ? [] : report.cpusUsed),
    );
  }
  expect(Math.max(...reports.map(({ wallTimeNs }) => wallTimeNs))).toBeGreaterThan((HOLD_MS / 2) * 1e6);
  const cpuTimeNs = reports.reduce((sum, report) => sum + report.cpuTimeNs, 0);
  expect(cpuTimeNs).toBeLessThanOrEqual(elapsedNs * availableParallelism());
});

test.each(Object.keys(WORK_TYPES) as WorkTypeName[])('WorkerKit knows the work type %s', async (workType) => {
  await using kit = await WorkerKit.launch(program);
  kit.addGroup(group({ workType, workers: WORK_TYPES[workType].groupSize }));
  await kit.spawn();
  await kit.start();
  while ((await kit.iterations()) === 0);
  const reports = await kit.stop();

  expect(new Set(reports.map(({ exit }) => exit.kind))).toEqual(new Set(['completed']));
});

test('WorkerKit.iterations() grows while workers run, and not before they start', async () => {
  await using kit = await WorkerKit.launch(program);
  kit.addGroup(group({ workers: 2 }));
  await kit.spawn();
  await expect(kit.iterations()).resolves.toBe(0);
  await kit.start();

  let first = 0;
  while (first === 0) first = await kit.iterations();
  let second = first;
  while (second === first) second = await kit.iterations();

  expect(second).toBeGreaterThan(first);
});

test('WorkerKit.start() leaves workers of an earlier start as they are', async () => {
  await using kit = await WorkerKit.launch(program);
  kit.addGroup(group({ cgroup: 'early' }));
  await kit.spawn();
  const earlyNs = await kit.start();
  await setTimeout(HOLD_MS);
  kit.addGroup(group({ cgroup: 'late' }));
  await kit.spawn();
  const lateNs = await kit.start();
  const [early, late] = await kit.stop();

  // Node's timers fire up to a millisecond early.
  expect(lateNs - earlyNs).toBeGreaterThan((HOLD_MS - 1) * 1e6);
  // Both run until the same stop, which each sees within the time slices of the other tasks of this machine.
  expect((early?.wallTimeNs ?? 0) - (late?.wallTimeNs ?? 0)).toBeGreaterThan((lateNs - earlyNs) / 2);
});

test('WorkerKit counts the workers of a cgroup through its groups', async () => {
  await using kit = await WorkerKit.launch(program);
  kit.addGroup(group({ workers: 2 }));
  kit.addGroup(group({ cgroup: 'right' }));
  kit.addGroup(group({ workers: 1 }));
  const spawned = await kit.spawn();
  const reports = await kit.stop();

  const expected = [
    { cgroup: 'left', index: 0 },
    { cgroup: 'left', index: 1 },
    { cgroup: 'right', index: 0 },
    { cgroup: 'left', index: 2 },
  ];
  expect(spawned).toMatchObject(expected);
  expect(reports).toMatchObject(expected);
});

test('WorkerKit.stop() reports workers that were never started as completed without work', async () => {
  await using kit = await WorkerKit.launch(program);
  kit.addGroup(group());
  await kit.spawn();

  await expect(kit.stop()).resolves.toMatchObject([{ iterations: 0, workUnits: 0, exit: { kind: 'completed' } }]);
});

test('WorkerKit can be used again after stop()', async () => {
  await using kit = await WorkerKit.launch(program);
  for (const cgroup of ['first', 'second']) {
    kit.addGroup(group({ cgroup }));
    await kit.spawn();
    await kit.start();
    while ((await kit.iterations()) === 0);
    const reports = await kit.stop();
    expect(reports).toMatchObject([{ cgroup, index: 0, exit: { kind: 'completed' } }]);
    expect(reports[0]?.iterations).toBeGreaterThan(0);
  }
});

test('WorkerKit announces and flags a worker that is killed by a signal', async () => {
  await using kit = await WorkerKit.launch(program);
  const deaths: WorkerDeath[] = [];
  kit.onDied((death) => deaths.push(death));
  kit.addGroup(group({ workers: 2 }));
  const [, victim] = await kit.spawn();
  await kit.start();
  while ((await kit.iterations()) === 0);
  process.kill(victim?.pid ?? 0, 'SIGSEGV');
  await waitUntil('the death is announced', () => deaths.length > 0);
  const reports = await kit.stop();

  const exit = { kind: 'signaled', signal: 11 };
  expect(deaths).toEqual([{ cgroup: 'left', index: 1, exit }]);
  expect(reports).toMatchObject([{ exit: { kind: 'completed' } }, { exit, pid: victim?.pid }]);
  expect(reports[1]?.wallTimeNs).toBeGreaterThan(0);
});

test('WorkerKit.stop() kills a worker that does not stop within 5 s, and says so', async () => {
  await using kit = await WorkerKit.launch(program);
  kit.addGroup(group({ workers: 2 }));
  const [, frozen] = await kit.spawn();
  await kit.start();
  while ((await kit.iterations()) === 0);
  process.kill(frozen?.pid ?? 0, 'SIGSTOP');
  const reports = await kit.stop();

  expect(reports.map(({ exit }) => exit.kind)).toEqual(['completed', 'timed-out']);
  expect(isRunning(frozen?.pid ?? 0)).toBe(false);
}, 20_000);

test('WorkerKit leaves no process behind when it is disposed of while workers run', async () => {
  const pids: number[] = [];
  {
    await using kit = await WorkerKit.launch(program);
    kit.addGroup(group({ workers: 3 }));
    pids.push(...(await kit.spawn()).map(({ pid }) => pid));
    await kit.start();
    expect(pids.map(isRunning)).toEqual([true, true, true]);
  }
  expect(pids.map(isRunning)).toEqual([false, false, false]);
});

const mayUseFifo = spawnSync('chrt', ['--fifo', '40', 'true']).status === 0;
const testWithFifo = mayUseFifo ? test : test.skip;

testWithFifo(
  'workers have the default policy while their kit is in SCHED_FIFO (needs the right to SCHED_FIFO)',
  async () => {
    await using kit = await WorkerKit.launch(program);
    kit.addGroup(group());
    const [worker] = await kit.spawn();
    const { policy, parent } = schedulingOf(worker?.pid ?? 0);

    expect(policy).toBe(SCHED_OTHER);
    expect(schedulingOf(parent).policy).toBe(SCHED_FIFO);
  },
);
