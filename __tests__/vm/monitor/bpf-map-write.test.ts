import { expect, jest, test } from '@jest/globals';

import type { TestOptions } from '../../../src/spec/declare/options';
import { Scheduler } from '../../../src/spec/scheduler/scheduler';
import { MACHINE_TIMEOUT_MS, runBody } from '../inline-test';
import { bpftoolPath, RUN } from './bpftool';

jest.setTimeout(6 * MACHINE_TIMEOUT_MS);

const WORKERS = `return executeDefs(ctx, [CgroupDef.named('all').workers(4)]);`;
const SCHED = Scheduler.binary({ name: 'scx_ktstr', watchdogTimeoutMs: 2000 });
const OPTIONS: TestOptions = { scheduler: SCHED, durationMs: 300 };
/** More than it would count in a test. */
const STOLEN = 1_000_000_000_000n;

test('what the host writes is there when the body begins, and the scheduler goes by it', async () => {
  const body = `
    ${RUN}
    const values = Object.assign({}, ...bpftool('map', 'dump', 'name', 'scx_ktst.bss')[0].formatted.value['.bss']);
    console.log(JSON.stringify([values.degrade, values.stall, values.nr_stolen]));
    console.log(fs.readFileSync('/proc/sys/kernel/domainname', 'utf8').trim());
    ${WORKERS}
  `;
  const { result, text, printed } = await runBody(body, {
    ...OPTIONS,
    includeFiles: [bpftoolPath()],
    bpfMapWrite: [
      { variable: 'degrade', value: 1 },
      { map: '.bss', field: 'nr_stolen', value: STOLEN },
    ],
  });
  expect(text).toBe('');
  const [degrade, stall, stolen] = JSON.parse(printed[0]?.message ?? '[]') as number[];
  expect([degrade, stall]).toEqual([1, 0]);
  expect(stolen).toBeGreaterThanOrEqual(Number(STOLEN));
  expect(printed[1]?.message).toBe('(none)');
  const ended = /^nr_stolen (\d+)$/m.exec(result.schedulers[0]?.stdout ?? '')?.[1] ?? '0';
  expect(BigInt(ended)).toBeGreaterThanOrEqual(STOLEN);
});

test('in virtual time a write is done at the same tick in each run, which goes another way than without it', async () => {
  const options: TestOptions = { ...OPTIONS, machine: 'deterministic', monitor: { maxWaitMs: 1000 } };
  const sound = await runBody(WORKERS, options);
  expect(sound.result).toMatchObject({ outcome: 'pass', details: [], dump: null });
  const stalled = { ...options, bpfMapWrite: { variable: 'stall', value: 1 } };
  const first = await runBody(WORKERS, stalled);
  const second = await runBody(WORKERS, stalled);
  expect(first.result.failure).toBe('scheduler-stalled');
  // The machine that went there again was written to as well.
  expect(first.text).toMatch(/scx_ktst\.bss: .*nr_held = [1-9].*stall = 1\b/);
  expect(second.run.messages.result).toEqual(first.run.messages.result);
  expect(second.result.samples).toEqual(first.result.samples);
  expect(second.result.dump).toEqual(first.result.dump);
});

test.each(['emulated', 'deterministic'] as const)(
  'a write that is not possible fails the test before its body, with what there is, on the %s machine',
  async (machine) => {
    const { result, text, run } = await runBody(WORKERS, {
      ...OPTIONS,
      machine,
      bpfMapWrite: [
        { variable: 'degrade', value: 1 },
        { variable: 'stal', value: 1 },
      ],
    });
    expect(result).toMatchObject({ outcome: 'fail', failure: 'check-failed', errors: [] });
    expect(text).toMatch(/bpf: bpfMapWrite: find the BPF global variable "stal": there is none\. There are: stall/);
    expect(run.messages.testStart).toBeUndefined();
  },
);
