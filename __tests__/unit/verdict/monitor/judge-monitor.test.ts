import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { judgeMonitor } from '../../../../src/verdict/monitor/judge-monitor';
import type { MonitorThresholds } from '../../../../src/verdict/monitor/monitor-thresholds';
import type { CpuSample, MonitorSample } from '../../../../src/verdict/monitor/sample';
import { PERIOD_MS, sample, samplesOf, wellAt } from './samples';

type Cpus = readonly Partial<CpuSample>[];

/** Ten samples in which all is well, then so many of these, then one in which all is well. */
function seriesWith(count: number, cpusAt: (index: number) => Cpus): MonitorSample[] {
  return samplesOf(11 + count, (index) => (index < 10 || index >= 10 + count ? wellAt(index) : cpusAt(index - 10)));
}

function outcomes(samples: readonly MonitorSample[], thresholds: MonitorThresholds) {
  return judgeMonitor(samples, thresholds).findings.map(({ outcome }) => outcome);
}

function queues(longest: number): Cpus {
  return [{ nrRunning: longest }, { nrRunning: 1 }];
}

function dsq(depth: number): Cpus {
  return [{ localDsqDepth: 0 }, { localDsqDepth: depth }];
}

/** Counters that grow by so many per period, on two CPUs together; 10 ms apart, one more is 100 per second. */
function counting(event: 'select_cpu_fallback' | 'dispatch_keep_last', perPeriod: (index: number) => number) {
  let total = 0n;
  return (index: number): Cpus => {
    total += BigInt(perPeriod(index));
    return [{ events: { [event]: total / 2n } }, { events: { [event]: total - total / 2n } }];
  };
}

describe('judgeMonitor() with one threshold', () => {
  const rows: { name: string; thresholds: MonitorThresholds; below: Cpus; at: Cpus; above: Cpus }[] = [
    {
      name: 'maxImbalanceRatio',
      thresholds: { maxImbalanceRatio: 4 },
      ...{ below: queues(3), at: queues(4), above: queues(5) },
    },
    {
      name: 'maxLocalDsqDepth',
      thresholds: { maxLocalDsqDepth: 50 },
      ...{ below: dsq(49), at: dsq(50), above: dsq(51) },
    },
  ];

  test.each(rows)('fails above $name, and neither at nor below it', ({ thresholds, below, at, above }) => {
    expect(
      outcomes(
        seriesWith(8, () => below),
        thresholds,
      ),
    ).toEqual([]);
    expect(
      outcomes(
        seriesWith(8, () => at),
        thresholds,
      ),
    ).toEqual([]);
    expect(
      outcomes(
        seriesWith(8, () => above),
        thresholds,
      ),
    ).toEqual(['fail']);
  });

  test.each(rows)('fails when $name is missed in 5 samples in a row, not in 4', ({ thresholds, above }) => {
    expect(
      [4, 5, 6].map((count) =>
        outcomes(
          seriesWith(count, () => above),
          thresholds,
        ),
      ),
    ).toEqual([[], ['fail'], ['fail']]);
  });

  test.each(rows)('counts samples over $name anew after one that is not', ({ thresholds, at, above }) => {
    expect(
      outcomes(
        seriesWith(9, (index) => (index === 4 ? at : above)),
        thresholds,
      ),
    ).toEqual([]);
    expect(
      outcomes(
        seriesWith(10, (index) => (index === 4 ? at : above)),
        thresholds,
      ),
    ).toEqual(['fail']);
  });

  test.each(rows)('counts samples over $name anew after one that is empty or not valid', ({ thresholds, above }) => {
    const series = seriesWith(9, () => above);
    const brokenBy = (change: Partial<MonitorSample>) => series.with(14, { ...series[14]!, ...change });
    expect(outcomes(series, thresholds)).toEqual(['fail']);
    expect(outcomes(brokenBy({ valid: false }), thresholds)).toEqual([]);
    expect(outcomes(brokenBy({ cpus: [] }), thresholds)).toEqual([]);
  });

  test.each(rows)('does not count what is kept of a torn reading for $name', ({ thresholds, above }) => {
    const torn = above.map((own) => ({ ...own, consistent: false }));
    expect(
      outcomes(
        seriesWith(9, (index) => (index === 4 ? torn : above)),
        thresholds,
      ),
    ).toEqual([]);
  });

  test.each(rows)('takes another sustainedSamples for $name', ({ thresholds, above }) => {
    const patient = { ...thresholds, sustainedSamples: 7 };
    expect(
      [6, 7].map((count) =>
        outcomes(
          seriesWith(count, () => above),
          patient,
        ),
      ),
    ).toEqual([[], ['fail']]);
    expect(
      outcomes(
        seriesWith(1, () => above),
        { ...thresholds, sustainedSamples: 1 },
      ),
    ).toEqual(['fail']);
  });
});

describe.each([
  { threshold: 'maxFallbackRate', event: 'select_cpu_fallback' },
  { threshold: 'maxKeepLastRate', event: 'dispatch_keep_last' },
] as const)('judgeMonitor() with $threshold', ({ threshold, event }) => {
  const limited = { [threshold]: 200 };

  test.each([
    { perPeriod: 1, found: [] },
    { perPeriod: 2, found: [] },
    { perPeriod: 3, found: ['fail'] },
  ])('says $found to $perPeriod events per 10 ms when 200 per second are allowed', ({ perPeriod, found }) => {
    expect(
      outcomes(
        samplesOf(
          12,
          counting(event, () => perPeriod),
        ),
        limited,
      ),
    ).toEqual(found);
  });

  test.each([
    { intervals: 4, found: [] },
    { intervals: 5, found: ['fail'] },
    { intervals: 6, found: ['fail'] },
  ])('says $found to too many events in $intervals intervals', ({ intervals, found }) => {
    const busy = counting(event, (index) => (index > 3 && index <= 3 + intervals ? 3 : 0));
    expect(outcomes(samplesOf(14, busy), limited)).toEqual(found);
  });

  test('counts anew after samples at one moment, a missing counter and another start of the counter', () => {
    const series = samplesOf(
      10,
      counting(event, () => 3),
    );
    const [middle, before] = [series[5]!, series[4]!];
    const withMiddle = (changed: MonitorSample) => outcomes(series.with(5, changed), limited);
    expect(outcomes(series, limited)).toEqual(['fail']);
    expect(withMiddle({ ...middle, hostNs: before.hostNs })).toEqual([]);
    expect(withMiddle({ ...middle, cpus: middle.cpus.map((own) => ({ ...own, events: null })) })).toEqual([]);
    expect(withMiddle({ ...middle, cpus: middle.cpus.map((own) => ({ ...own, events: { [event]: 0n } })) })).toEqual(
      [],
    );
  });

  test('takes no interval over a sample that is not valid', () => {
    const withGapAt = (at: number) => {
      const series = samplesOf(
        12,
        counting(event, (index) => (index < at ? 0 : 3)),
      );
      return outcomes(series.with(at, { ...series[at]!, valid: false }), limited);
    };
    expect([5, 6, 7].map(withGapAt)).toEqual([['fail'], [], []]);
  });

  test('is inconclusive on a kernel without the counter, unless only the defaults ask for it', () => {
    const bare = samplesOf(12, () => [{ events: null }, {}]);
    expect(judgeMonitor(bare, limited).findings).toEqual([
      {
        kind: 'monitor',
        outcome: 'inconclusive',
        message: `${threshold} is not judged: no two samples in a row have the counter ${event}, which is not sampled yet`,
      },
    ]);
    expect(outcomes(bare, { defaults: true })).toEqual([]);
  });
});

describe('judgeMonitor()', () => {
  test('names worst value, place, threshold, length of the run and its last sample', () => {
    const series = seriesWith(7, (index) => queues(index === 3 ? 9 : 6));
    expect(judgeMonitor(series, { maxImbalanceRatio: 4 }).findings).toEqual([
      {
        kind: 'monitor',
        outcome: 'fail',
        message:
          'the imbalance of the run queues was above 4 for 7 samples in a row, at worst 9 (9 tasks on cpu 0, 1 task on cpu 1); ' +
          'the last one was sample 16, 160 ms after the first sample; maxImbalanceRatio is 4, sustainedSamples is 5',
      },
    ]);
    const busy = samplesOf(
      9,
      counting('dispatch_keep_last', () => 3),
    );
    expect(judgeMonitor(busy, { maxKeepLastRate: 100 }).findings.map(({ message }) => message)).toEqual([
      'the rate of dispatch_keep_last events was above 100 for 8 intervals in a row, at worst 300; ' +
        'the last one was sample 8, 80 ms after the first sample; maxKeepLastRate is 100, sustainedSamples is 5',
    ]);
  });

  test('tells of the longest of several runs, of equals the first', () => {
    const at = (index: number): Cpus => dsq(index < 6 ? 60 : index === 6 || index === 13 ? 0 : index < 13 ? 70 : 80);
    const [finding] = judgeMonitor(seriesWith(19, at), { maxLocalDsqDepth: 50 }).findings;
    expect(finding?.message).toContain('for 6 samples in a row, at worst 60 (on cpu 1); the last one was sample 15,');
    const [longer] = judgeMonitor(seriesWith(21, at), { maxLocalDsqDepth: 50 }).findings;
    expect(longer?.message).toContain('for 7 samples in a row, at worst 80 (on cpu 1)');
  });

  test('asserts nothing without thresholds, and sums up all the same', () => {
    const series = seriesWith(20, () => [{ nrRunning: 90, localDsqDepth: 90, clockNs: 1n }, { nrRunning: 0 }]);
    const { findings, summary } = judgeMonitor(series, {});
    expect(findings).toEqual([]);
    expect(summary).toMatchObject({ samples: 31, maxImbalance: 90, maxLocalDsqDepth: 90 });
    expect(outcomes(series, { maxImbalanceRatio: false, failOnStall: false, sustainedSamples: 1 })).toEqual([]);
    expect(judgeMonitor([], {}).findings).toEqual([]);
  });

  test('switches on what is not set by defaults, and not what is false', () => {
    const series = seriesWith(8, () => [{ nrRunning: 9, localDsqDepth: 51 }, { nrRunning: 1 }]);
    expect(outcomes(series, { defaults: true })).toEqual(['fail', 'fail']);
    expect(outcomes(series, { defaults: true, maxImbalanceRatio: false })).toEqual(['fail']);
    expect(outcomes(series, { defaults: true, maxImbalanceRatio: 9, maxLocalDsqDepth: 51 })).toEqual([]);
    expect(outcomes(series, { defaults: false })).toEqual([]);
  });

  test('judges only the time that it is told to, and numbers samples from the first one', () => {
    const series = seriesWith(8, () => dsq(51));
    const [from, until] = [series[12]!.hostNs, series[17]!.hostNs];
    const thresholds = { maxLocalDsqDepth: 50 };
    const at = (fromNs?: bigint, untilNs?: bigint) => judgeMonitor(series, thresholds, { hz: null, fromNs, untilNs });
    expect(at(from, until).findings[0]?.message).toContain(
      'for 5 samples in a row, at worst 51 (on cpu 1); the last one was sample 16, 160 ms',
    );
    expect(at(from, until).summary.samples).toBe(5);
    expect(at(from, series[16]!.hostNs).findings).toMatchObject([{ outcome: 'inconclusive' }]);
    expect(at(series[14]!.hostNs).findings).toEqual([]);
    expect(at(undefined, series[14]!.hostNs).findings).toEqual([]);
  });

  test('is inconclusive when there are fewer samples than a run needs', () => {
    const few = samplesOf(4, wellAt);
    expect(judgeMonitor(few, { maxImbalanceRatio: 4 }).findings).toEqual([
      {
        kind: 'monitor',
        outcome: 'inconclusive',
        message:
          'maxImbalanceRatio is not judged: there are 4 samples to judge by, fewer than sustainedSamples, which is 5',
      },
    ]);
    expect(outcomes(samplesOf(5, wellAt), { maxImbalanceRatio: 4 })).toEqual([]);
    expect(outcomes(samplesOf(5, wellAt), { failOnStall: true })).toEqual(['inconclusive']);
    expect(outcomes(samplesOf(6, wellAt), { failOnStall: true })).toEqual([]);
    expect(outcomes(samplesOf(5, wellAt), { maxFallbackRate: 1 })).toEqual(['inconclusive']);
  });

  test('is inconclusive on a kernel without local DSQs, unless only the defaults ask for them', () => {
    const bare = samplesOf(9, () => [{ localDsqDepth: null, events: null }]);
    expect(outcomes(bare, { maxLocalDsqDepth: 50 })).toEqual(['inconclusive']);
    expect(outcomes(bare, { defaults: true })).toEqual([]);
  });
});

describe('judgeMonitor() is inconclusive, and says so once, when', () => {
  const series = seriesWith(8, () => [{ nrRunning: 9, localDsqDepth: 60 }, {}]);
  test.each<{ name: string; samples: MonitorSample[]; problem: string }>([
    { name: 'there is no sample', samples: [], problem: 'there is no sample' },
    {
      name: 'no sample is valid',
      samples: series.map((one) => ({ ...one, valid: false })),
      problem: 'none of the 19 samples could be read',
    },
    {
      name: 'no sample has a CPU',
      samples: series.map((one) => ({ ...one, cpus: [] })),
      problem: 'none of the 19 samples could be read',
    },
    {
      name: 'all clocks of all samples are equal',
      samples: series.map((one) => ({ ...one, cpus: one.cpus.map((own) => ({ ...own, clockNs: 7n })) })),
      problem: 'every run queue clock of every sample says 7 ns, as if the kernel never ran',
    },
    {
      name: 'a local DSQ is deeper than any can be',
      samples: series.with(3, sample(3 * PERIOD_MS, [{}, { localDsqDepth: 10_001 }])),
      problem: 'sample 3 says that the local DSQ of cpu 1 holds 10001 tasks, which cannot be',
    },
  ])('$name', ({ samples, problem }) => {
    const { findings, summary } = judgeMonitor(samples, { defaults: true });
    expect(findings).toEqual([
      { kind: 'monitor', outcome: 'inconclusive', message: `the monitor cannot judge: ${problem}` },
    ]);
    expect(summary.problem).toBe(problem);
    expect(judgeMonitor(samples, {}).findings).toEqual([]);
  });

  test('and not when a local DSQ is as deep as one can be', () => {
    const deep = series.with(3, sample(3 * PERIOD_MS, [{}, { localDsqDepth: 10_000 }]));
    expect(outcomes(deep, { maxLocalDsqDepth: 50 })).toEqual(['fail']);
  });

  test('and not when a single clock moves', () => {
    const still = series.map((one) => ({ ...one, cpus: one.cpus.map((own) => ({ ...own, clockNs: 7n })) }));
    const moved = still.with(18, { ...still[18]!, cpus: series[18]!.cpus });
    expect(outcomes(moved, { maxLocalDsqDepth: 50 })).toEqual(['fail']);
  });
});

test('judgeMonitor() never fails a machine that is idle', () => {
  const idleCpu = fc.record({ moves: fc.boolean(), consistent: fc.boolean(), counts: fc.boolean() });
  fc.assert(
    fc.property(
      fc.array(idleCpu, { minLength: 1, maxLength: 8 }),
      fc.integer({ min: 1, max: 40 }),
      fc.integer({ min: 1, max: 6 }),
      (cpus, count, sustainedSamples) => {
        const samples = samplesOf(count, (index) =>
          cpus.map(({ moves, consistent, counts }) => ({
            ...{ nrRunning: 0, consistent, vcpuCpuNs: BigInt(index) * 10_000_000n },
            ...(moves ? {} : { clockNs: 77n }),
            ...(counts ? {} : { events: null }),
          })),
        );
        return !outcomes(samples, { defaults: true, sustainedSamples }).includes('fail');
      },
    ),
  );
});
