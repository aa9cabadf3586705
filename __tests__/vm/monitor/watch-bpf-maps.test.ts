import { expect, jest, test } from '@jest/globals';

import type { TestOptions } from '../../../src/spec/declare/options';
import { Scheduler } from '../../../src/spec/scheduler/scheduler';
import type { MonitorSample } from '../../../src/verdict/monitor/sample';
import { type InlineRun, MACHINE_TIMEOUT_MS, runBody } from '../inline-test';
import { bpftoolPath, RUN } from './bpftool';

jest.setTimeout(6 * MACHINE_TIMEOUT_MS);

const OPTIONS: TestOptions = {
  durationMs: 500,
  cores: 2,
  scheduler: Scheduler.binary({
    name: 'scx_ktstr',
    watchBpfMaps: [{ variable: 'nr_dispatched', as: 'counter', label: 'dispatched' }],
  }),
  bpfMapWrite: { variable: 'nr_held', value: 7 },
  watchBpfMaps: [
    { map: '.bss', field: 'nr_held', as: 'gauge', label: 'held' },
    { map: '.bss', field: 'nr_enqueued', as: 'gauge', label: 'enqueued' },
    // A CPU counts how often it looked for work.
    { variable: 'steal_cursor', as: 'perCpuCounter', label: 'looks' },
  ],
};
const WORKERS = `executeDefs(ctx, [CgroupDef.named('all').workers(6)])`;

const LOOK = `
  ${RUN}
  const look = () => {
    const all = Object.assign({}, ...bpftool('map', 'dump', 'name', 'scx_ktst.bss')[0].formatted.value['.bss']);
    const { nr_dispatched, nr_enqueued, steal_cursor } = all;
    console.log(JSON.stringify([nr_dispatched, nr_enqueued, ...steal_cursor.slice(0, 2)]));
  };
  look();
  const result = await ${WORKERS};
  look();
  return result;
`;

/** Of a sample, in the order in which the guest told its own: dispatched, enqueued, and how often each CPU looked. */
function valuesOf({ watched }: MonitorSample): number[] {
  const { ktstr_dispatched: dispatched = [], ktstr_enqueued: enqueued = [], ktstr_looks: looks = [] } = watched;
  return [dispatched, enqueued, looks].flat().map(Number);
}

const ascend = (rows: readonly number[][]): boolean =>
  rows.every((row, index) => row.every((value, column) => value >= (rows[index - 1]?.[column] ?? 0)));

test('what is watched lies between what bpftool of the guest sees before and after it', async () => {
  const { result, text, printed } = await runBody(LOOK, { ...OPTIONS, includeFiles: [bpftoolPath()] });
  expect(text).toBe('');
  const [before, after] = printed.map(({ message }) => JSON.parse(message) as number[]) as [number[], number[]];
  const rows = result.samples.map(valuesOf);
  expect(rows.length).toBeGreaterThan(20);
  expect(rows.every((row) => row.length === 4)).toBe(true);
  expect(ascend([before, ...rows, after])).toBe(true);
  const [first, last] = [rows[0], rows.at(-1)] as [number[], number[]];
  const grown = last.map((value, column) => value - (first[column] ?? NaN));
  expect(grown[0]).toBeGreaterThan(0);
  const looks = grown.slice(2);
  expect(result.monitor?.metrics).toEqual({
    ktstr_dispatched: grown[0],
    ktstr_held_avg: 7,
    ktstr_held_max: 7,
    ktstr_enqueued_avg: expect.any(Number),
    ktstr_enqueued_max: last[1],
    ktstr_looks: looks.reduce((sum, count) => sum + count),
    ktstr_looks_avg: looks.reduce((sum, count) => sum + count) / 2,
    ktstr_looks_max: Math.max(...looks),
  });
});

test('in virtual time what is watched is exact, the same in each run, and the guest does not know', async () => {
  const options: TestOptions = { ...OPTIONS, machine: 'deterministic', monitor: { periodMs: 1 } };
  const body = `return ${WORKERS};`;
  const { watchBpfMaps: _, ...rest } = options;
  const unwatched = await runBody(body, { ...rest, scheduler: Scheduler.binary({ name: 'scx_ktstr' }) });
  const startMs = Math.ceil(Number(unwatched.result.samples[0]?.hostNs) / 1e6);
  const seen: number[][] = [];
  const run = (): Promise<InlineRun> =>
    runBody(body, {
      ...options,
      monitor: {
        periodMs: 1,
        pauseAt: {
          guestMs: startMs + 200,
          look(vm) {
            const { dispatched, enqueued } = {
              dispatched: vm.global('nr_dispatched').number(),
              enqueued: vm.global('nr_enqueued').number(),
            };
            seen.push([
              dispatched,
              enqueued,
              ...[0, 1].map((cpu) => vm.global('steal_cursor').get(`[${cpu}]`).number()),
            ]);
          },
        },
      },
    });
  const [first, second] = [await run(), await run()];
  expect(first.text).toBe('');
  expect(first.run.messages.result).toEqual(unwatched.run.messages.result);
  const sample = first.result.samples.find(({ hostNs }) => hostNs >= BigInt(startMs + 200) * 1_000_000n);
  expect(sample === undefined ? [] : valuesOf(sample)).toEqual(seen[0]);
  expect(second.result.samples).toEqual(first.result.samples);
  expect(second.result.monitor?.metrics).toEqual(first.result.monitor?.metrics);
  expect(first.result.monitor?.metrics.ktstr_dispatched).toBeGreaterThan(0);
});

test('the values of another scheduler are watched once that is attached, and what none of them has fails the test', async () => {
  const sched = Scheduler.binary({ name: 'scx_ktstr' });
  const body = `
    const run = ${WORKERS};
    await new Promise((resolve) => setTimeout(resolve, 2000));
    await ctx.scheduler.restart();
    return run;
  `;
  const { result, text } = await runBody(body, {
    ...{ cores: 2, durationMs: 6000, scheduler: sched },
    watchBpfMaps: [
      { variable: 'nr_enqueued', as: 'gauge', label: 'enqueued' },
      { variable: 'nr_enqueue', as: 'gauge', label: 'enqueue' },
      { map: 'delays', field: '[0]', as: 'counter', label: 'delays' },
    ],
  });
  expect(result.schedulers).toHaveLength(2);
  const series = result.samples.flatMap(({ watched }) => watched.ktstr_enqueued ?? []).map(Number);
  // A scheduler starts to count at 0.
  const restarts = series.filter((value, index) => value < (series[index - 1] ?? 0));
  expect(restarts).toHaveLength(1);
  expect(text).toMatch(
    /bpf: watchBpfMaps: find the BPF global variable "nr_enqueue": there is none\. There are: nr_enqueued/,
  );
  expect(text).toMatch(
    /bpf: watchBpfMaps: watch delays \[0\] of a BPF program as counter: it is of type struct delay; name an integer/,
  );
});
