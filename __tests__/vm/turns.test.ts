import { afterEach, beforeEach, expect, jest, test } from '@jest/globals';
import { existsSync } from 'node:fs';

import { packageRoot } from '../../src/package-root';
import { Scheduler } from '../../src/spec/scheduler/scheduler';
import { type InlineRun, MACHINE_TIMEOUT_MS, planBody, runPlanned } from './inline-test';

jest.setTimeout(6 * MACHINE_TIMEOUT_MS);

/** Wakes the main loop of QEMU ten thousand times a second. */
const RESTLESS = `${packageRoot()}/native/build/test/librestless.so`;
const BODY = `return executeDefs(ctx, [CgroupDef.named('cg_0').workers(2), CgroupDef.named('cg_1').workers(2)]);`;

let preload: string | undefined;

beforeEach(() => {
  preload = process.env['LD_PRELOAD'];
});

afterEach(() => {
  if (preload === undefined) delete process.env['LD_PRELOAD'];
  else process.env['LD_PRELOAD'] = preload;
});

test('when the threads of QEMU wake up does not change a run in virtual time', async () => {
  const planned = await planBody(BODY, {
    ...{ machine: 'deterministic', llcs: 2, cores: 2, durationMs: 1000, maxSpreadPct: false, maxGapMs: false },
    scheduler: Scheduler.binary({ name: 'scx_flatcg' }),
  });
  const quiet = await runPlanned(planned);
  expect(existsSync(RESTLESS)).toBe(true);
  process.env['LD_PRELOAD'] = RESTLESS;
  const restless = await runPlanned(planned);
  expect(quiet.text).toBe('');
  expect(quiet.result.workers).toHaveLength(4);
  expect(outcomeOf(restless)).toEqual(outcomeOf(quiet));
});

/** All that is told in the guest's time. */
function outcomeOf({ result, text }: InlineRun): unknown {
  const { outcome, workers, stats, details, schedulers } = result;
  return { outcome, workers, stats, details, schedulers, text };
}
