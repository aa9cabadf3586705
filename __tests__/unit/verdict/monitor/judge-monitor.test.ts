import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { judgeMonitor } from '../../../../src/verdict/monitor/judge-monitor';
import type { MonitorThresholds } from '../../../../src/verdict/monitor/monitor-thresholds';
import { dsq, outcomes, samplesOf, seriesWith, wellAt } from './samples';

describe('judgeMonitor()', () => {
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

  test('is inconclusive when all is well in what it saw, but it saw less than half of the time', () => {
    const series = samplesOf(31, wellAt);
    const fromNs = series[0]!.hostNs;
    const judge = (first: number, thresholds: MonitorThresholds) =>
      judgeMonitor(series.slice(first), thresholds, { hz: null, fromNs, untilNs: fromNs + 300_000_000n }).findings;
    expect(judge(15, { maxLocalDsqDepth: 50 })).toEqual([]);
    expect(judge(16, { maxLocalDsqDepth: 50 })).toEqual([
      {
        kind: 'monitor',
        outcome: 'inconclusive',
        message:
          'the monitor cannot judge: its first sample came 160 ms after the start of the workers, who ran for 300 ms',
      },
    ]);
    expect(judge(16, {})).toEqual([]);
    expect(judge(16, { maxImbalanceRatio: 1, sustainedSamples: 1 })).toMatchObject([{ outcome: 'fail' }]);
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
