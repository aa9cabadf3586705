import { expect, test } from '@jest/globals';
import { summarize } from '../../../../src/verdict/monitor/monitor-summary';
import type { Schedstat } from '../../../../src/verdict/monitor/sample';
import { ns, sample, samplesOf } from './samples';

const FACTS = { hz: 250 };

function schedstat(runDelayNs: bigint, pcount: bigint): Schedstat {
  return { runDelayNs, pcount, yldCount: 1n, schedCount: 2n, schedGoidle: 3n, ttwuCount: 4n, ttwuLocal: 5n };
}

test('summarize() gives highest and mean figures', () => {
  const samples = [
    sample(0, [
      { nrRunning: 2, localDsqDepth: 0 },
      { nrRunning: 1, localDsqDepth: 4 },
    ]),
    sample(10, [
      { nrRunning: 6, localDsqDepth: 8 },
      { nrRunning: 0, localDsqDepth: 0 },
    ]),
    sample(20, [{ nrRunning: 90, localDsqDepth: 90 }], { valid: false }),
    sample(30, [
      { nrRunning: 90, localDsqDepth: 90, consistent: false },
      { nrRunning: 3, localDsqDepth: 3 },
    ]),
  ];
  expect(summarize(samples, FACTS)).toMatchObject({
    ...{ samples: 3, rejected: 1, tornReadings: 1, durationMs: 30, problem: null },
    ...{ maxImbalance: 6, avgImbalance: 3, maxLocalDsqDepth: 8, avgLocalDsqDepth: 3, avgNrRunning: 12 / 5 },
    stall: null,
  });
});

test('summarize() gives null for all that there is nothing to compute from', () => {
  expect(summarize([], FACTS)).toEqual({
    ...{ samples: 0, rejected: 0, tornReadings: 0, durationMs: null, problem: 'there is no sample' },
    ...{ maxImbalance: null, avgImbalance: null, maxLocalDsqDepth: null, avgLocalDsqDepth: null, avgNrRunning: null },
    maxWaitMs: null,
    ...{ metrics: {}, userDsqs: [], balance: [] },
    ...{ stall: null, events: {}, schedstat: null, vcpus: null, programs: [] },
  });
  const bare = samplesOf(3, () => [{ localDsqDepth: null, events: null }]);
  expect(summarize(bare, FACTS)).toMatchObject({ maxLocalDsqDepth: null, avgLocalDsqDepth: null, events: {} });
  expect(summarize(bare.slice(0, 1), FACTS)).toMatchObject({ durationMs: 0, vcpus: null });
});

test('summarize() counts events and their rate, of the counters that there are', () => {
  const at = (atMs: number, fallbacks: bigint) =>
    sample(atMs, [{ events: { select_cpu_fallback: fallbacks } }, { events: { select_cpu_fallback: 1n } }]);
  const { events } = summarize([at(0, 10n), at(100, 16n), at(200, 2n), at(500, 6n)], FACTS);
  expect(events).toEqual({ select_cpu_fallback: { count: 10, perSecond: 20 } });
});

test('summarize() gives no rate over no time', () => {
  const at = (count: bigint) => sample(0, [{ events: { enq_skip_exiting: count } }]);
  expect(summarize([at(1n), at(4n)], FACTS).events).toEqual({ enq_skip_exiting: { count: 3, perSecond: null } });
});

test('summarize() adds up how schedstat and the time of vCPUs grew on all CPUs', () => {
  const at = (atMs: number, factor: bigint) =>
    sample(atMs, [
      { schedstat: schedstat(100n * factor, factor), vcpuCpuNs: ns(5) * factor, vcpuRunDelayNs: ns(1) * factor },
      { schedstat: schedstat(10n * factor, factor), vcpuCpuNs: ns(2) * factor, vcpuRunDelayNs: ns(0.5) * factor },
    ]);
  const summary = summarize([at(0, 1n), sample(10, [{}, {}]), at(20, 3n)], FACTS);
  expect(summary.schedstat).toEqual({
    ...{ runDelayNs: 220, pcount: 4, yldCount: 0, schedCount: 0, schedGoidle: 0, ttwuCount: 0, ttwuLocal: 0 },
  });
  expect(summary.vcpus).toEqual({ cpuMs: 14, runDelayMs: 3 });
});

test('summarize() gives runs and time of the programs that ran', () => {
  const program = (id: number, runs: bigint) => ({
    ...{ id, name: `prog_${id}`, runCount: runs, runNs: runs * 40n, verifiedInsns: 9 },
  });
  const samples = [
    sample(0, [{}], { programs: [program(1, 10n), program(2, 5n)] }),
    sample(10, [{}], { programs: [program(1, 30n), program(2, 5n)] }),
    sample(20, [{}], { programs: [program(3, 1n)] }),
    sample(30, [{}], { programs: [program(3, 2n)] }),
  ];
  expect(summarize(samples, FACTS).programs).toEqual([
    { id: 1, name: 'prog_1', runs: 20, timeNs: 800, nsPerRun: 40 },
    { id: 3, name: 'prog_3', runs: 1, timeNs: 40, nsPerRun: 40 },
  ]);
});

test('summarize() names the longest stall, though it may be shorter than what fails', () => {
  const samples = samplesOf(30, (index) => [
    index > 2 && index < 8 ? { clockNs: 7n } : {},
    index > 10 && index < 18 ? { clockNs: 9n } : {},
  ]);
  expect(summarize(samples, FACTS).stall).toEqual({ cpu: 1, lengthMs: 60, lastSample: 17 });
});

test('summarize() gives plain data', () => {
  const summary = summarize(
    samplesOf(30, (index) => [{ schedstat: schedstat(BigInt(index), 1n) }]),
    FACTS,
  );
  expect(JSON.parse(JSON.stringify(summary))).toEqual(summary);
});
