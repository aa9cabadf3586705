import { expect, jest, test } from '@jest/globals';

import type { TestOptions } from '../../../src/spec/declare/options';
import { Scheduler } from '../../../src/spec/scheduler/scheduler';
import { type InlineRun, MACHINE_TIMEOUT_MS, planBody, runBody, runPlanned } from '../inline-test';

jest.setTimeout(3 * MACHINE_TIMEOUT_MS);

interface Row {
  name: string;
  /** What it calls itself. */
  ops: string;
  shape: Pick<TestOptions, 'llcs' | 'cores'>;
}

const FOUR_CPUS = { llcs: 2, cores: 2 };
/**
 * scx_flatcg of 6.12 loses a cgroup when a task of it is queued on one CPU between two steps of try_pick_next_cgroup() on another, which has
 * found it empty and is about to put it aside: its tasks then wait for ever. On one CPU nothing comes between.
 */
const FLATCG = { name: 'scx_flatcg', ops: 'flatcg', shape: { llcs: 1, cores: 1 } };

/** Examples of the kernel's own source, which `kernel build` puts beside the kernel. */
const SCHEDULERS: readonly Row[] = [
  { name: 'scx_simple', ops: 'simple', shape: FOUR_CPUS },
  { name: 'scx_qmap', ops: 'qmap', shape: FOUR_CPUS },
  FLATCG,
];

const RUN = `return executeDefs(ctx, [CgroupDef.named('cg_0').workers(2), CgroupDef.named('cg_1').workers(2)]);`;
/** Everybody must get some work done; how soon is a question for virtual time, where a busy host does not answer it. */
const HOLD: TestOptions = {
  durationMs: 1000,
  notStuck: true,
  maxSpreadPct: false,
  maxGapMs: false,
};
const IN_VIRTUAL_TIME: TestOptions = { machine: 'deterministic', maxSpreadPct: 90, maxGapMs: 900 };

test.concurrent.each(SCHEDULERS)('$name runs two cgroups on the emulated machine', async ({ name, ops, shape }) => {
  const { result, text } = await runBody(RUN, { ...HOLD, ...shape, scheduler: Scheduler.binary({ name }) });
  expect(text).toBe('');
  expect(result).toMatchObject({ outcome: 'pass', failure: null, scheduler: name });
  expect(result.workers).toHaveLength(4);
  expect(result.schedulers).toMatchObject([{ name, ops, outcome: 'stopped', stop: 'test-ended' }]);
});

/** Two runs in virtual time, which are the same. */
async function runTwice(body: string, options: TestOptions): Promise<InlineRun> {
  const planned = await planBody(body, { ...HOLD, ...IN_VIRTUAL_TIME, ...options });
  const first = await runPlanned(planned);
  const second = await runPlanned(planned);
  expect(second.text).toBe(first.text);
  expect(second.result.schedulers).toEqual(first.result.schedulers);
  expect(second.result.workers).toEqual(first.result.workers);
  return first;
}

test.concurrent.each(SCHEDULERS)('$name does and prints the same twice in virtual time', async ({ name, shape }) => {
  const { text, result } = await runTwice(RUN, { ...shape, scheduler: Scheduler.binary({ name }) });
  expect(text).toBe('');
  const [{ stdout } = { stdout: '' }] = result.schedulers;
  expect(stdout).toMatch(/\d/);
});

test.concurrent('scx_flatcg does the same twice on four CPUs in virtual time, well or badly', async () => {
  const { result } = await runTwice(RUN, { ...FOUR_CPUS, scheduler: Scheduler.binary({ name: FLATCG.name }) });
  expect(result.schedulers).toMatchObject([{ ops: 'flatcg', stop: 'test-ended' }]);
});

/**
 * scx_central refuses to start unless the kernel attaches it on CPU 0, and 6.12 attaches in a kernel thread that may run anywhere. The thread is
 * there once a scheduler was attached, and stays: it is moved to CPU 0 under another one.
 */
const CENTRAL = `
  for (const pid of fs.readdirSync('/proc').filter((name) => /^[0-9]+$/.test(name)))
    if (/^scx_ops_enable/.test(fs.readFileSync('/proc/' + pid + '/comm', 'utf8')))
      childProcess.execFileSync('taskset', ['-p', '1', pid]);
  await ctx.scheduler.replace('scx_central');
  ${RUN}`;
const CENTRAL_OPTIONS: TestOptions = {
  ...HOLD,
  ...FOUR_CPUS,
  includeFiles: ['/usr/bin/taskset'],
  scheduler: Scheduler.binary({ name: 'scx_simple' }),
  stagedSchedulers: [Scheduler.binary({ name: 'scx_central' })],
};

test.concurrent('scx_central runs two cgroups on the emulated machine', async () => {
  const { result, text } = await runBody(CENTRAL, CENTRAL_OPTIONS);
  expect(text).toBe('');
  expect(result).toMatchObject({ outcome: 'pass', failure: null });
  expect(result.schedulers).toMatchObject([{ ops: 'simple' }, { ops: 'central', outcome: 'stopped' }]);
});

test.concurrent('scx_central does and prints the same twice in virtual time', async () => {
  const { text } = await runTwice(CENTRAL, CENTRAL_OPTIONS);
  expect(text).toBe('');
});
