import { expect, jest, test } from '@jest/globals';

import { Scheduler } from '../../../src/spec/scheduler/scheduler';
import { MACHINE_TIMEOUT_MS, planBody, runBody, runPlanned } from '../inline-test';

jest.setTimeout(3 * MACHINE_TIMEOUT_MS);

/** Examples of the kernel's own source, which `kernel build` puts beside the kernel, and what each calls itself. */
const SCHEDULERS = [
  { name: 'scx_simple', ops: 'simple' },
  { name: 'scx_qmap', ops: 'qmap' },
  { name: 'scx_central', ops: 'central' },
  { name: 'scx_flatcg', ops: 'flatcg' },
];

const BODY = `return executeDefs(ctx, [CgroupDef.named('cg_0').workers(2), CgroupDef.named('cg_1').workers(2)]);`;
const SHAPE = { llcs: 2, cores: 2, durationMs: 1000, notStuck: true, maxSpreadPct: 90, maxGapMs: 900 };

test.concurrent.each(SCHEDULERS)('$name runs two cgroups on the emulated machine', async ({ name, ops }) => {
  const { result, text } = await runBody(BODY, { ...SHAPE, scheduler: Scheduler.binary({ name }) });
  expect(text).toBe('');
  expect(result).toMatchObject({ outcome: 'pass', failure: null, scheduler: name });
  expect(result.workers).toHaveLength(4);
  expect(result.schedulers).toMatchObject([{ name, ops, outcome: 'stopped', stop: 'test-ended' }]);
});

test.concurrent.each(SCHEDULERS)('$name does and prints the same twice in virtual time', async ({ name }) => {
  const planned = await planBody(BODY, { ...SHAPE, machine: 'deterministic', scheduler: Scheduler.binary({ name }) });
  const first = await runPlanned(planned);
  const second = await runPlanned(planned);
  expect(first.text).toBe('');
  expect(second.result.schedulers).toEqual(first.result.schedulers);
  expect(second.result.workers).toEqual(first.result.workers);
  const [{ stdout } = { stdout: '' }] = first.result.schedulers;
  expect(stdout).toMatch(/\d/);
});
