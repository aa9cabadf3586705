import { expect, jest, test } from '@jest/globals';

import type { TestOptions } from '../../../src/spec/declare/options';
import { Scheduler } from '../../../src/spec/scheduler/scheduler';
import { MACHINE_TIMEOUT_MS, planBody, runBody, runPlanned } from '../inline-test';

jest.setTimeout(3 * MACHINE_TIMEOUT_MS);

/** Examples of the kernel's own source, which `kernel build` puts beside the kernel, and what each calls itself. */
const SCHEDULERS = [
  { name: 'scx_simple', ops: 'simple' },
  { name: 'scx_qmap', ops: 'qmap' },
  { name: 'scx_flatcg', ops: 'flatcg' },
];

const RUN = `return executeDefs(ctx, [CgroupDef.named('cg_0').workers(2), CgroupDef.named('cg_1').workers(2)]);`;
/** Everybody must get some work done; how soon is a question for virtual time, where a busy host does not answer it. */
const SHAPE: TestOptions = {
  llcs: 2,
  cores: 2,
  durationMs: 1000,
  notStuck: true,
  maxSpreadPct: false,
  maxGapMs: false,
};
const IN_VIRTUAL_TIME: TestOptions = { machine: 'deterministic', maxSpreadPct: 90, maxGapMs: 900 };

test.concurrent.each(SCHEDULERS)('$name runs two cgroups on the emulated machine', async ({ name, ops }) => {
  const { result, text } = await runBody(RUN, { ...SHAPE, scheduler: Scheduler.binary({ name }) });
  expect(text).toBe('');
  expect(result).toMatchObject({ outcome: 'pass', failure: null, scheduler: name });
  expect(result.workers).toHaveLength(4);
  expect(result.schedulers).toMatchObject([{ name, ops, outcome: 'stopped', stop: 'test-ended' }]);
});

test.concurrent.each(SCHEDULERS)('$name does and prints the same twice in virtual time', async ({ name }) => {
  const planned = await planBody(RUN, { ...SHAPE, ...IN_VIRTUAL_TIME, scheduler: Scheduler.binary({ name }) });
  const first = await runPlanned(planned);
  const second = await runPlanned(planned);
  expect(first.text).toBe('');
  expect(second.result.schedulers).toEqual(first.result.schedulers);
  expect(second.result.workers).toEqual(first.result.workers);
  const [{ stdout } = { stdout: '' }] = first.result.schedulers;
  expect(stdout).toMatch(/\d/);
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
  ...SHAPE,
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
  const planned = await planBody(CENTRAL, { ...CENTRAL_OPTIONS, ...IN_VIRTUAL_TIME });
  const first = await runPlanned(planned);
  const second = await runPlanned(planned);
  expect(first.text).toBe('');
  expect(second.result.schedulers).toEqual(first.result.schedulers);
  expect(second.result.workers).toEqual(first.result.workers);
});
