import { expect, jest, test } from '@jest/globals';

import { Scheduler } from '../../../src/spec/scheduler/scheduler';
import type { TestOptions } from '../../../src/spec/declare/options';
import type { GuestView } from '../../../src/verdict/monitor/guest-view';
import { type InlineRun, MACHINE_TIMEOUT_MS, runBody } from '../inline-test';

jest.setTimeout(6 * MACHINE_TIMEOUT_MS);

const WORKERS = 4;
const BODY = `return executeDefs(ctx, [CgroupDef.named('all').workers(${WORKERS})]);`;
const OPTIONS: TestOptions = {
  machine: 'deterministic',
  durationMs: 200,
  scheduler: Scheduler.binary({ name: 'scx_ktstr' }),
};
/** Into the time in which the workers run. */
const LATER_MS = 100;

const pausing = (guestMs: number, look: (vm: GuestView) => void): Promise<InlineRun> =>
  runBody(BODY, { ...OPTIONS, monitor: { pauseAt: { guestMs, look } } });

/** All that there is to be seen, as text. */
function seenBy(vm: GuestView): string {
  const queues = Array.from({ length: vm.cpuCount }, (_, cpu) => ({
    ...vm.rq(cpu),
    waiting: vm.rq(cpu).scx?.waiting(),
    stack: vm.stack(cpu),
  }));
  const all = { queues, scx: vm.scx, tasks: vm.tasks(), dsqs: vm.dsqs() };
  return JSON.stringify(all, (key, value: unknown) =>
    key === 'object' ? '' : typeof value === 'bigint' ? `${value}` : value,
  );
}

test('a pause comes to the same moment in each run, shows it, and the guest does not know', async () => {
  const unpaused = await runBody(BODY, { ...OPTIONS, monitor: { defaults: true } });
  const startMs = Math.ceil(Number(unpaused.result.samples[0]?.hostNs) / 1e6);
  const seen: string[] = [];
  let clockMs = NaN;
  const runs = [];
  for (let run = 0; run < 2; run++) {
    runs.push(
      await pausing(startMs + LATER_MS, (vm) => {
        seen.push(seenBy(vm));
        clockMs = Number(vm.rq(0).clockNs) / 1e6;
        const workers = vm.tasks().filter(({ comm }) => comm === 'SpinWait');
        expect(workers).toHaveLength(WORKERS);
        expect(workers.map(({ pid }) => vm.task(pid).object.get('comm').text())).toEqual(
          Array(WORKERS).fill('SpinWait'),
        );
        expect(vm.scx).toMatchObject({ state: 'ENABLED', ops: 'ktstr' });
        expect([0, 1].flatMap((cpu) => vm.stack(cpu))).toContainEqual(expect.stringMatching(/^update_wall_time\+0x0$/));
        const [waits] = workers.filter(({ isOnCpu }) => !isOnCpu);
        expect(vm.stackOf(waits?.pid ?? -1)[0]).toMatch(/^__schedule\+/);
        expect(vm.variable('init_task', 'task_struct').get('comm').text()).toBe('swapper/0');
        expect(() => vm.rq(7)).toThrow('There are: 0, 1');
        expect(() => vm.task(99_999)).toThrow(/There are: 1 \(.*\), .*\(SpinWait\)/);
      }),
    );
  }
  for (const { result, run } of runs) {
    expect(result).toMatchObject({ outcome: 'pass', failure: null, details: [] });
    expect(run.messages.result).toEqual(unpaused.run.messages.result);
  }
  expect(seen).toHaveLength(2);
  expect(seen[1]).toBe(seen[0]);
  // The clock of a run queue is that of the boot CPU's TSC, which starts with the machine.
  expect(Math.abs(clockMs - startMs - LATER_MS)).toBeLessThan(1000);
});

test('what a look finds wrong fails the test, and so does a moment that does not come', async () => {
  const wrong = await pausing(1, () => {
    throw new TypeError('there is something wrong with the guest');
  });
  expect(wrong.result).toMatchObject({ outcome: 'fail', failure: 'check-failed' });
  expect(wrong.text).toContain('pauseAt: TypeError: there is something wrong with the guest\n    at');
  const late = await pausing(3_600_000, () => undefined);
  expect(late.result).toMatchObject({ outcome: 'fail', failure: 'check-failed' });
  expect(late.text).toContain('pauseAt: the guest did not come to 3600000 ms of its time');
});
