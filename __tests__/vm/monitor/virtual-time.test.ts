import { expect, jest, test } from '@jest/globals';

import { Scheduler } from '../../../src/spec/scheduler/scheduler';
import type { TestOptions } from '../../../src/spec/declare/options';
import { type InlineRun, MACHINE_TIMEOUT_MS, runBody } from '../inline-test';

jest.setTimeout(6 * MACHINE_TIMEOUT_MS);

const CROWD = `return executeDefs(ctx, [CgroupDef.named('crowd').workers(6).cpuset(Cpuset.exact(0))]);`;
const TWO_CGROUPS = `return executeDefs(ctx, [CgroupDef.named('cg_0').workers(4), CgroupDef.named('cg_1').workers(4)]);`;

/** What the guest measured, said and printed. */
function ofGuest({ run }: InlineRun) {
  return { result: run.messages.result, schedulers: run.schedulers, console: run.consoleText };
}

test.each([
  { name: "the kernel's own scheduler", scheduler: Scheduler.eevdf() },
  { name: 'a sched_ext scheduler', scheduler: Scheduler.binary({ name: 'scx_ktstr' }) },
])('a monitor leaves no trace in virtual time, and sees the same in each run: $name', async ({ scheduler }) => {
  const options: TestOptions = { machine: 'deterministic', llcs: 2, cores: 2, durationMs: 200, scheduler };
  const monitored = (periodMs: number): TestOptions => ({ ...options, monitor: { defaults: true, periodMs } });
  const unseen = await runBody(TWO_CGROUPS, options);
  const often = await runBody(TWO_CGROUPS, monitored(1));
  expect(ofGuest(often)).toEqual(ofGuest(unseen));
  const first = await runBody(TWO_CGROUPS, monitored(10));
  expect(ofGuest(first)).toEqual(ofGuest(unseen));
  const second = await runBody(TWO_CGROUPS, monitored(10));
  expect(second.result.samples).toEqual(first.result.samples);
});

test('a crowd on one CPU fails a bound on the imbalance in virtual time', async () => {
  const { result, text } = await runBody(CROWD, {
    machine: 'deterministic',
    durationMs: 200,
    monitor: { maxImbalanceRatio: 2 },
  });
  expect(result).toMatchObject({ outcome: 'fail', failure: 'check-failed' });
  expect(result.monitor?.maxImbalance).toBeGreaterThanOrEqual(6);
  expect(text).toMatch(/\n {2}imbalance .* min \S+ {2}avg \S+ {2}max \S+\n/);
});
