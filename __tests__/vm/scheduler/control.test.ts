import { expect, jest, test } from '@jest/globals';

import { Scheduler } from '../../../src/spec/scheduler/scheduler';
import { MACHINE_TIMEOUT_MS, runBody } from '../inline-test';

jest.setTimeout(2 * MACHINE_TIMEOUT_MS);

const KTSTR = Scheduler.binary({ name: 'scx_ktstr', topology: { llcs: 2, cores: 2 } });
const SIMPLE = Scheduler.binary({ name: 'scx_simple' });

const SWAP = `
  const seen = [ctx.scheduler.ops];
  const run = executeDefs(ctx, [CgroupDef.named('all').workers(8)]);
  const segment = () => new Promise((resolve) => setTimeout(resolve, 400));
  await segment();
  await ctx.scheduler.replace('scx_simple');
  seen.push(ctx.scheduler.ops);
  await segment();
  await ctx.scheduler.replace('scx_ktstr');
  seen.push(ctx.scheduler.ops);
  console.log(seen.join(' '));
  return run;`;

test.concurrent('8 workers live through the replacement of their scheduler, there and back', async () => {
  const { result, printed } = await runBody(SWAP, { scheduler: KTSTR, stagedSchedulers: [SIMPLE], durationMs: 3000 });
  expect(result).toMatchObject({ failure: null, outcome: 'pass' });
  expect(printed.map(({ message }) => message)).toEqual(['ktstr simple ktstr']);
  expect(result.workers.map(({ exit }) => exit.kind)).toEqual(Array.from({ length: 8 }, () => 'completed'));
  expect(result.schedulers).toMatchObject([
    { name: 'scx_ktstr', ops: 'ktstr', outcome: 'stopped', stop: 'replace' },
    { name: 'scx_simple', ops: 'simple', outcome: 'stopped', stop: 'replace' },
    { name: 'scx_ktstr', ops: 'ktstr', outcome: 'stopped', stop: 'test-ended' },
  ]);
});

const CONTROL = `
  const names = [];
  const note = () => names.push(ctx.scheduler.current ?? 'none');
  await ctx.scheduler.attach(); note();
  await ctx.scheduler.replace('scx_ktstr'); note();
  await ctx.scheduler.detach(); note();
  await ctx.scheduler.detach(); note();
  await ctx.scheduler.attach(); note();
  await ctx.scheduler.restart(); note();
  await ctx.scheduler.attach('scx_simple').catch((error) => names.push(error.code + ': ' + error.message));
  await ctx.scheduler.replace('scx_none').catch((error) => names.push(error.message));
  await ctx.scheduler.replace('scx_simple');
  await ctx.scheduler.restart(); note();
  console.log(names.join('\\n'));
  return pass();`;

test.concurrent('attach, detach, restart and replace do what they say, twice as well as once', async () => {
  const { result, printed, text } = await runBody(CONTROL, { scheduler: KTSTR, stagedSchedulers: [SIMPLE] });
  expect(text).toBe('');
  expect(printed[0]?.message.split('\n')).toEqual([
    'scx_ktstr',
    'scx_ktstr',
    'none',
    'none',
    'scx_ktstr',
    'scx_ktstr',
    'scheduler-control: attach scheduler "scx_simple": "scx_ktstr" is attached; use replace',
    expect.stringContaining('the image holds scx_ktstr, scx_simple; name it in stagedSchedulers'),
    'scx_simple',
  ]);
  expect(result.schedulers.map(({ name, stop }) => `${name} ${stop}`)).toEqual([
    'scx_ktstr detach',
    'scx_ktstr restart',
    'scx_ktstr replace',
    'scx_simple restart',
    'scx_simple test-ended',
  ]);
});

test.concurrent('a staged scheduler that does not attach fails the test, and is named', async () => {
  const broken = KTSTR.variant('scx_broken', { args: ['--exit-code', '3'] });
  const body = `await ctx.scheduler.replace('scx_broken'); return pass();`;
  const { result, text } = await runBody(body, { scheduler: KTSTR, stagedSchedulers: [broken] });
  expect(result.failure).toBe('scheduler-start-failed');
  expect(text).toContain('scheduler "scx_broken" exited with code 3 before it was attached');
});

test.concurrent('configuration, cgroup parent and include files are there before the scheduler starts', async () => {
  const body = `
    console.log(fs.readFileSync('/run/deep/my.conf', 'utf8'), fs.existsSync('/sys/fs/cgroup/cells/inner'));
    return executeDefs(ctx, [CgroupDef.named('a')]);`;
  const { printed, result } = await runBody(body, {
    scheduler: Scheduler.binary({
      name: 'scx_simple',
      // It reads no file, and lets arguments pass that are no options.
      config: { guestPath: '/run/deep/my.conf', text: 'one', args: ['{path}'] },
      cgroupParent: '/cells/inner',
    }),
    schedulerConfig: 'two',
    durationMs: 300,
  });
  expect(result.failure).toBeNull();
  expect(printed[0]?.message).toBe('two true');
  expect(result.schedulers[0]?.argv).toEqual(['/ktstr/schedulers/scx_simple', '/run/deep/my.conf']);
});

test.concurrent("a behaviour of the kernel's own scheduler is switched on for the test", async () => {
  const file = '/sys/kernel/debug/sched/features';
  const scheduler = Scheduler.kernelBuiltin({
    name: 'no-run-to-parity',
    enable: [{ file, text: 'NO_RUN_TO_PARITY' }],
    disable: [{ file, text: 'RUN_TO_PARITY' }],
  });
  const body = `console.log(/\\bNO_RUN_TO_PARITY\\b/.test(fs.readFileSync('${file}', 'utf8'))); return pass();`;
  const { printed, result } = await runBody(body, { scheduler });
  expect(result).toMatchObject({ failure: null, scheduler: 'no-run-to-parity' });
  expect(printed[0]?.message).toBe('true');
});
