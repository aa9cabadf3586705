import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { judgeMonitor } from '../../../../src/verdict/monitor/judge-monitor';
import type { CpuSample, MonitorSample } from '../../../../src/verdict/monitor/sample';
import { ns, sample } from './samples';

const STUCK_NS = 123_456n;

interface StallOptions {
  /** Intervals in which the clock of CPU 1 stands still. */
  intervals: number;
  periodMs?: number;
  /** What CPU 1 is like in the samples of the stall, numbered from 0. */
  cpu?: (index: number) => Partial<CpuSample>;
}

/** Three samples in which all clocks move, then those in which that of CPU 1 stands still, then one in which it moves again. */
function stalled({ intervals, periodMs = 100, cpu = () => ({}) }: StallOptions): MonitorSample[] {
  return Array.from({ length: 3 + intervals + 1 + 1 }, (_, index) => {
    const inStall = index - 3;
    const isStalled = inStall >= 0 && inStall <= intervals;
    return sample(index * periodMs, [{}, isStalled ? { clockNs: STUCK_NS, ...cpu(inStall) } : {}]);
  });
}

function found(samples: readonly MonitorSample[], facts: { hz: number | null } = { hz: 250 }) {
  return judgeMonitor(samples, { failOnStall: true }, facts).findings.map(({ outcome }) => outcome);
}

test.each([
  { intervals: 4, outcomes: [] },
  { intervals: 5, outcomes: ['fail'] },
  { intervals: 6, outcomes: ['fail'] },
])('judgeMonitor() says $outcomes to a clock that stands still for $intervals intervals', ({ intervals, outcomes }) => {
  expect(found(stalled({ intervals }))).toEqual(outcomes);
});

test('judgeMonitor() names CPU, clock, length, tasks and last sample of a stall, and further CPUs with one', () => {
  const cpu = (index: number) => ({ nrRunning: index === 2 ? 4 : 1, vcpuCpuNs: ns(500 + index * 99) });
  const samples = stalled({ intervals: 6, cpu });
  expect(judgeMonitor(samples, { failOnStall: true }).findings).toEqual([
    {
      kind: 'monitor',
      outcome: 'fail',
      message:
        'the run queue clock of cpu 1 stood still at 123456 ns for 6 intervals in a row, 600 ms, in which the vCPU ran for at least 594 ms, ' +
        'with 4 tasks to run; the last one was sample 9, 900 ms after the first sample; failOnStall is true, sustainedSamples is 5',
    },
  ]);
  const both = samples.map((one) => ({ ...one, cpus: [...one.cpus, one.cpus[1]!, one.cpus[1]!] }));
  expect(judgeMonitor(both, { failOnStall: true }).findings[0]?.message).toContain(
    'with 4 tasks to run; so did cpus 2-3; the last',
  );
});

describe('judgeMonitor() does not take it for a stall when', () => {
  test.each<{ name: string; cpu: (index: number) => Partial<CpuSample> }>([
    { name: 'the CPU is idle', cpu: () => ({ nrRunning: 0 }) },
    {
      name: 'the CPU is idle in two samples in a row now and then',
      cpu: (index) => ({ nrRunning: index % 5 < 2 ? 0 : 1 }),
    },
    { name: 'the clock says 0', cpu: () => ({ clockNs: 0n }) },
    {
      name: 'the clock moves now and then',
      cpu: (index) => ({ clockNs: STUCK_NS + BigInt(index % 5 === 0 ? index : 1) }),
    },
    { name: 'the run queue changes under every reading', cpu: () => ({ consistent: false }) },
    { name: 'the run queue changes under a reading now and then', cpu: (index) => ({ consistent: index % 5 !== 4 }) },
    { name: 'its vCPU does not run', cpu: () => ({ vcpuCpuNs: 7n }) },
    { name: 'its vCPU has been read only once', cpu: (index) => ({ vcpuCpuNs: index === 3 ? 7n : null }) },
  ])('$name', ({ cpu }) => {
    expect(found(stalled({ intervals: 12, cpu }))).toEqual([]);
  });

  test.each<{ name: string; during: () => Partial<CpuSample> }>([
    { name: 'its vCPU was last read before it', during: () => ({}) },
    { name: 'its vCPU ran before it only', during: () => ({ vcpuCpuNs: ns(200) }) },
  ])('$name', ({ during }) => {
    const samples = stalled({ intervals: 12, cpu: during }).map((one, index) => {
      const [other, own] = one.cpus;
      return index > 2 ? one : { ...one, cpus: [other!, { ...own!, vcpuCpuNs: ns(index * 100) }] };
    });
    expect(found(samples)).toEqual([]);
  });

  test('a sample between is empty, not valid or without the CPU', () => {
    const samples = stalled({ intervals: 9 });
    expect(found(samples)).toEqual(['fail']);
    expect(found(samples.with(7, { ...samples[7]!, valid: false }))).toEqual([]);
    expect(found(samples.with(8, { ...samples[8]!, cpus: [] }))).toEqual([]);
    expect(found(samples.with(7, { ...samples[7]!, cpus: samples[7]!.cpus.slice(0, 1) }))).toEqual([]);
  });
});

describe('judgeMonitor() takes it for a stall when', () => {
  test.each<{ name: string; cpu: (index: number) => Partial<CpuSample> }>([
    { name: 'the CPU is idle in every other sample', cpu: (index) => ({ nrRunning: index % 2 }) },
    { name: 'its vCPU runs all the time', cpu: (index) => ({ vcpuCpuNs: ns(index * 100) }) },
    {
      name: 'the CPU time of its vCPU is read with some samples only',
      cpu: (index) => ({ vcpuCpuNs: index % 4 === 0 ? ns(index * 100) : null }),
    },
    { name: 'the CPU time of its vCPU is never read', cpu: () => ({ vcpuCpuNs: null }) },
  ])('$name', ({ cpu }) => {
    expect(found(stalled({ intervals: 12, cpu }))).toEqual(['fail']);
  });
});

describe('judgeMonitor() takes a vCPU for preempted that ran', () => {
  test.each([
    { hz: 250, ranMs: 39.999, outcomes: [] },
    { hz: 250, ranMs: 40, outcomes: ['fail'] },
    { hz: 250, ranMs: 40.001, outcomes: ['fail'] },
    { hz: 1000, ranMs: 9.999, outcomes: [] },
    { hz: 1000, ranMs: 10, outcomes: ['fail'] },
    { hz: 100, ranMs: 99.999, outcomes: [] },
    { hz: 100, ranMs: 100, outcomes: ['fail'] },
    { hz: null, ranMs: 39.999, outcomes: [] },
    { hz: null, ranMs: 40, outcomes: ['fail'] },
  ])('$ranMs ms of a whole stall at HZ=$hz: $outcomes', ({ hz, ranMs, outcomes }) => {
    const cpu = (index: number) => ({ vcpuCpuNs: ns(index === 10 ? ranMs : 0) });
    expect(found(stalled({ intervals: 10, cpu }), { hz })).toEqual(outcomes);
  });

  test('less than ten ticks of time by the clock of the host, at a period that is short', () => {
    const lasting = (intervals: number) => found(stalled({ intervals, periodMs: 1 }), { hz: 250 });
    expect([39, 40, 41].map(lasting)).toEqual([[], ['fail'], ['fail']]);
  });

  test('never on a machine whose vCPUs are all off the host CPUs', () => {
    const cpus = fc.array(fc.record({ nrRunning: fc.nat(9), clockNs: fc.bigInt({ min: 1n, max: 9n }) }), {
      minLength: 1,
      maxLength: 6,
    });
    fc.assert(
      fc.property(cpus, fc.integer({ min: 1, max: 30 }), (own, count) => {
        const preempted = own.map((one) => ({ ...one, vcpuCpuNs: 5n }));
        const samples = Array.from({ length: count }, (_, index) => sample(index * 100, preempted));
        return !found([sample(-100, [{}, {}]), ...samples]).includes('fail');
      }),
    );
  });
});
