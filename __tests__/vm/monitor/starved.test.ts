import { expect, jest, test } from '@jest/globals';

import type { TestOptions } from '../../../src/spec/declare/options';
import { Scheduler } from '../../../src/spec/scheduler/scheduler';
import type { FailureDump } from '../../../src/verdict/monitor/failure-dump';
import { judgeMonitor } from '../../../src/verdict/monitor/judge-monitor';
import { longestWait } from '../../../src/verdict/monitor/quantities';
import { type InlineRun, MACHINE_TIMEOUT_MS, runBody } from '../inline-test';

jest.setTimeout(6 * MACHINE_TIMEOUT_MS);

const WORKERS = 4;
const BODY = `return executeDefs(ctx, [CgroupDef.named('all').workers(${WORKERS})]);`;
/** scx_ktstr puts tasks aside in this DSQ while it stalls: native/bpf/scx_ktstr.bpf.c. */
const HELD_DSQ = '0x10000';
const LIMIT_MS = 300;

const STALLS = Scheduler.binary({ name: 'scx_ktstr', args: ['--stall-after', '1'] });
/** On a busy host a worker may not have come to its first iteration when the stall begins; what the monitor says is the same. */
const OPTIONS: TestOptions = {
  ...{ scheduler: STALLS, durationMs: 3000, notStuck: false },
  monitor: { maxWaitMs: LIMIT_MS },
};

/** Of the workers, in any order. */
function waitsOf(dump: FailureDump | null): number[] {
  const waiting = dump?.sched?.waiting.filter(({ comm }) => comm === 'SpinWait') ?? [];
  expect(waiting.map(({ queue }) => queue)).toEqual(Array(WORKERS).fill(`DSQ ${HELD_DSQ}`));
  return waiting.map(({ waitedMs }) => waitedMs ?? NaN);
}

test('a scheduler that stops running tasks is caught in the act: who waits, where and for how long', async () => {
  const { result, text } = await runBody(BODY, { ...OPTIONS, machine: 'emulated' });
  expect(result.failure).toBe('scheduler-stalled');
  expect(result.details).toMatchObject([{ kind: 'monitor', outcome: 'fail' }]);
  expect(result.details[0]?.message).toMatch(/^the longest wait .* above 300 .*SpinWait\[\d+\] on cpu [01]\)/);
  const longest = Math.max(...waitsOf(result.dump));
  expect(longest).toBeGreaterThan(LIMIT_MS);
  // Long before the scheduler was switched off, after five seconds, as the host looks a few times a second.
  expect(longest).toBeLessThan(2500);
  expect(result.dump?.sched?.scx).toMatchObject({ ops: 'ktstr', state: 'ENABLED' });
  expect(text).toMatch(/\n {2}scx_ktst\.bss: .*nr_held = [1-9].*, stall = 1\b/);
  expect(text).toMatch(/\nmonitor: the longest wait of a runnable task/);
  expect(text).toMatch(
    /\n {2}waits: SpinWait\[\d+\] \(ext\) for [\d.]+ m?s on cpu [01], in DSQ 0x10000\n {6}__schedule\+0x/,
  );
});

test('a stall that the host sets in virtual time is told within 200 ms of guest time, with the same dump in each run', async () => {
  const options: TestOptions = {
    machine: 'deterministic',
    durationMs: 1500,
    scheduler: Scheduler.binary({ name: 'scx_ktstr' }),
  };
  const limits = { maxWaitMs: LIMIT_MS };
  const sound = await runBody(BODY, { ...options, monitor: limits });
  expect(sound.result).toMatchObject({ outcome: 'pass', failure: null, details: [], dump: null });
  const startMs = Number(sound.result.samples[0]?.hostNs) / 1e6;
  const stallMs = startMs + 300;
  const stalled = (): Promise<InlineRun> =>
    runBody(BODY, {
      ...options,
      monitor: {
        ...limits,
        pauseAt: {
          guestMs: stallMs,
          look(vm) {
            expect(vm.global('stall').number()).toBe(0);
            vm.global('stall').set(1);
            expect(vm.map('scx_ktst.bss').get('stall').number()).toBe(1);
            expect(vm.programs().map(({ attachedTo }) => attachedTo)).toContain('sched_ext_ops.enqueue');
          },
        },
      },
    });
  const [first, second] = [await stalled(), await stalled()];
  expect(first.result.failure).toBe('scheduler-stalled');
  // Held workers do not report, either.
  expect(first.result.details.filter(({ kind }) => kind === 'monitor')).toMatchObject([{ outcome: 'fail' }]);
  const { samples } = first.result;
  const { breachedAtNs } = judgeMonitor(samples, first.spec.monitor);
  const told = samples.find(({ hostNs }) => hostNs === breachedAtNs);
  const toldMs = told === undefined ? NaN : (longestWait(told)?.ms ?? NaN);
  expect(toldMs).toBeGreaterThan(LIMIT_MS);
  expect(toldMs).toBeLessThan(LIMIT_MS + 200);
  expect(Number(breachedAtNs) / 1e6).toBeGreaterThan(stallMs + LIMIT_MS - 10);
  // All CPUs sleep, and the machine stands where the first of them wakes up.
  expect(Math.max(...waitsOf(first.result.dump))).toBeGreaterThanOrEqual(toldMs);
  expect(first.text).toMatch(
    /\n {2}waits: SpinWait\[\d+\] \(ext\) for [\d.]+ m?s on cpu [01], in DSQ 0x10000\n {6}__schedule\+0x/,
  );
  expect(second.result.dump).toEqual(first.result.dump);
  expect(second.result.samples).toEqual(first.result.samples);
});

test.each(['emulated', 'deterministic'] as const)(
  'a stall that only the watchdog of the kernel ends is dumped before that, on the %s machine',
  async (machine) => {
    const scheduler = Scheduler.binary({ name: 'scx_ktstr', args: ['--stall-after', '0.3', '--timeout-ms', '3000'] });
    const { result, text } = await runBody(BODY, { machine, scheduler, durationMs: 1000 });
    expect(result).toMatchObject({ failure: 'scheduler-stalled', monitor: null, samples: [] });
    // On a busy host the scheduler may stop before there are any workers.
    const waiting = result.dump?.sched?.waiting ?? [];
    expect(new Set(waiting.map(({ queue }) => queue))).toEqual(new Set([`DSQ ${HELD_DSQ}`]));
    const longest = Math.max(...waiting.map(({ waitedMs }) => waitedMs ?? NaN));
    expect(longest).toBeGreaterThan(0.75 * 3000);
    expect(longest).toBeLessThan(1.5 * 3000);
    expect(result.dump?.sched?.scx).toMatchObject({ ops: 'ktstr', state: 'ENABLED', watchdogTimeoutMs: 3000 });
    expect(text).toMatch(/\n {2}waits: \S+\[\d+\] \(ext\) for \d\.\d+ s on cpu [01], in DSQ 0x10000\n/);
  },
);
