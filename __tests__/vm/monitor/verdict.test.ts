import { expect, jest, test } from '@jest/globals';

import { Scheduler } from '../../../src/spec/scheduler/scheduler';
import { MACHINE_TIMEOUT_MS, runBody } from '../inline-test';

jest.setTimeout(2 * MACHINE_TIMEOUT_MS);

const CROWD = `return executeDefs(ctx, [CgroupDef.named('crowd').workers(6).cpuset(Cpuset.exact(0))]);`;
const SPREAD = `return executeDefs(ctx, [CgroupDef.named('all').workers(8)]);`;

test('a crowd on one CPU fails a bound on the imbalance, and is drawn', async () => {
  const { result, text } = await runBody(CROWD, { durationMs: 1000, monitor: { maxImbalanceRatio: 2 } });
  expect(result).toMatchObject({ outcome: 'fail', failure: 'check-failed' });
  expect(result.details.map(({ kind, outcome }) => ({ kind, outcome }))).toEqual([
    { kind: 'monitor', outcome: 'fail' },
  ]);
  // Six that are runnable on one CPU, none on the other.
  expect(result.monitor?.maxImbalance).toBeGreaterThanOrEqual(6);
  expect(result.monitor?.problem).toBeNull();
  expect(text).toMatch(/\n {2}monitor: .*imbalance.* 2/);
  expect(text).toMatch(/\n {2}imbalance .* min \S+ {2}avg \S+ {2}max \S+\n/);
});

test.each([
  { name: "the kernel's own scheduler", options: {} },
  { name: 'a sched_ext scheduler', options: { scheduler: Scheduler.binary({ name: 'scx_ktstr' }) } },
])('load that is spread evenly passes all bounds on four CPUs that take turns: $name', async ({ options }) => {
  const monitor = { defaults: true, sustainedSamples: 30 };
  const { result } = await runBody(SPREAD, { llcs: 2, cores: 2, durationMs: 2000, monitor, ...options });
  expect(result).toMatchObject({ outcome: 'pass', failure: null, details: [] });
  expect(result.monitor).toMatchObject({ problem: null, rejected: 0 });
  expect(result.monitor?.samples).toBeGreaterThan(50);
  // Eight workers on four CPUs.
  expect(result.monitor?.avgNrRunning).toBeGreaterThan(1.5);
  expect(result.monitor?.avgNrRunning).toBeLessThan(3);
});

test('a bound that cannot be judged is inconclusive', async () => {
  const { result } = await runBody(CROWD, { durationMs: 50, monitor: { maxFallbackRate: 10 } });
  expect(result).toMatchObject({ outcome: 'inconclusive', failure: null });
  expect(result.details[0]?.message).toContain('select_cpu_fallback');
});

test('without bounds nothing is sampled', async () => {
  const { result } = await runBody(CROWD, { durationMs: 100 });
  expect(result).toMatchObject({ outcome: 'pass', monitor: null, samples: [], details: [] });
});
