import { expect, jest, test } from '@jest/globals';

import type { TestOptions } from '../../../src/spec/declare/options';
import { Scheduler } from '../../../src/spec/scheduler/scheduler';
import type { CpuSample, DomainSample, MonitorSample } from '../../../src/verdict/monitor/sample';
import { MACHINE_TIMEOUT_MS, runBody } from '../inline-test';
import { bpftoolPath, RUN, type ShownProgram } from './bpftool';

jest.setTimeout(6 * MACHINE_TIMEOUT_MS);

const OPTIONS: TestOptions = {
  durationMs: 1200,
  llcs: 2,
  cores: 1,
  scheduler: Scheduler.binary({ name: 'scx_ktstr' }),
  sysctls: { 'kernel.sched_schedstats': 1, 'kernel.bpf_stats_enabled': 1 },
  monitor: { maxLocalDsqDepth: 10_000 },
};
const WORKERS = `executeDefs(ctx, [CgroupDef.named('all').workers(6)])`;
/** Of native/bpf/scx_ktstr.bpf.c: one of each LLC, and that of the tasks that are put aside. */
const DSQS = [0n, 1n, 1n << 16n];

const LOOK = `
  ${RUN}
  const look = () => console.log(JSON.stringify({ schedstat: fs.readFileSync('/proc/schedstat', 'utf8'), programs: bpftool('prog', 'show') }));
  look();
  const result = await ${WORKERS};
  look();
  return result;
`;

interface Look {
  schedstat: string;
  programs: ShownProgram[];
}

/** What /proc/schedstat of version 16 shows of a domain, in its order: kernel/sched/stats.c. */
function shownAs({ stats }: DomainSample): number[] {
  if (stats === null) return [];
  const { balance, alb, sbe, sbf, ttwuWakeRemote, ttwuMoveAffine, ttwuMoveBalance } = stats;
  return [
    ...balance.flatMap((idle) => [
      idle.count,
      idle.balanced,
      idle.failed,
      idle.imbalance ?? NaN,
      idle.gained,
      idle.hotGained,
      idle.nobusyq,
      idle.nobusyg,
    ]),
    ...[alb.count, alb.failed, alb.pushed],
    ...[sbe.count, sbe.balanced, sbe.pushed, sbf.count, sbf.balanced, sbf.pushed],
    ...[ttwuWakeRemote, ttwuMoveAffine, ttwuMoveBalance],
  ];
}

/** The counters of the domains of all CPUs, in order. */
function shownDomains({ schedstat }: Look): number[] {
  expect(schedstat).toMatch(/^version 16\n/);
  return schedstat
    .split('\n')
    .flatMap((line) => (line.startsWith('domain') ? line.split(' ').slice(2).map(Number) : []));
}

const hasDomains = ({ cpus }: MonitorSample): boolean => cpus.every(({ domains }) => domains !== null);
const domainsOf = ({ cpus }: MonitorSample): number[] =>
  cpus.flatMap((cpu: CpuSample) => (cpu.domains ?? []).flatMap(shownAs));
const isBetween = (low: readonly number[], middle: readonly number[], high: readonly number[]): boolean =>
  low.length === middle.length &&
  middle.every((value, index) => (low[index] ?? NaN) <= value && value <= (high[index] ?? NaN));

test('domains, programs and DSQs are read now and then, and are what the guest says of them before and after', async () => {
  const { result, text, printed } = await runBody(LOOK, { ...OPTIONS, includeFiles: [bpftoolPath()] });
  expect(text).toBe('');
  const [before, after] = printed.map(({ message }) => JSON.parse(message) as Look) as [Look, Look];
  const slow = result.samples.filter(hasDomains);
  expect(slow.length).toBeGreaterThan(2);
  expect(slow.length).toBeLessThan(result.samples.length / 4);
  const [low, high] = [shownDomains(before), shownDomains(after)];
  expect(low.length).toBeGreaterThanOrEqual(2 * 36);
  expect(slow.map((sample) => isBetween(low, domainsOf(sample), high))).toEqual(slow.map(() => true));
  expect(slow[0]?.cpus[0]?.domains?.at(-1)).toMatchObject({ spanWeight: 2, name: expect.stringMatching(/^[A-Z]+$/) });

  const counts = ({ programs }: Look): Map<number, ShownProgram> => new Map(programs.map((one) => [one.id, one]));
  const [first, last] = [counts(before), counts(after)];
  for (const { programs, scx } of slow) {
    expect(programs.map(({ id, name }) => [id, name])).toEqual(before.programs.map(({ id, name }) => [id, name]));
    for (const { id, runCount, runNs, verifiedInsns } of programs) {
      expect(verifiedInsns).toBeGreaterThan(0);
      const seen = [Number(runCount), Number(runNs)];
      const of = (all: Map<number, ShownProgram>): number[] => [
        all.get(id)?.run_cnt ?? 0,
        all.get(id)?.run_time_ns ?? 0,
      ];
      expect(isBetween(of(first), seen, of(last))).toBe(true);
    }
    expect(scx?.userDsqs?.map(({ id }) => id)).toEqual(DSQS);
  }
  expect(result.monitor?.programs.map(({ name }) => name)).toContain('ktstr_dispatch');
});

test('in virtual time they are read at the same ticks of each run, and exact', async () => {
  const options: TestOptions = { ...OPTIONS, machine: 'deterministic' };
  const first = await runBody(`return ${WORKERS};`, options);
  const chosen = first.result.samples.filter(hasDomains)[2];
  const seen: unknown[] = [];
  const second = await runBody(`return ${WORKERS};`, {
    ...options,
    monitor: {
      ...options.monitor,
      pauseAt: {
        guestMs: Number(chosen?.slowNs) / 1e6,
        look(vm) {
          seen.push(vm.dsqs().map(({ id, depth }) => ({ id, depth })));
          seen.push(
            vm.programs().map(({ id, name, stats, verifiedInsns }) => {
              return { id, name, runCount: stats?.runCount, runNs: stats?.runTimeNs, verifiedInsns };
            }),
          );
          for (const cpu of [0, 1])
            seen.push([0, 1, 2].map((idle) => vm.rq(cpu).object.get(`sd.lb_count[${idle}]`).number()));
        },
      },
    },
  });
  expect(second.text).toBe('');
  expect(seen).toEqual([
    chosen?.scx?.userDsqs,
    chosen?.programs,
    ...[0, 1].map((cpu) => chosen?.cpus[cpu]?.domains?.[0]?.stats?.balance.map(({ count }) => count)),
  ]);
  expect(second.result.samples).toEqual(first.result.samples);
  expect(first.result.samples.some(({ scx }) => (scx?.userDsqs ?? []).some(({ depth }) => depth > 0))).toBe(true);
});
