import { describe, expect, test } from '@jest/globals';
import { judgeMonitor } from '../../../../src/verdict/monitor/judge-monitor';
import type { MonitorThresholds } from '../../../../src/verdict/monitor/monitor-thresholds';
import type { MonitorSample } from '../../../../src/verdict/monitor/sample';
import { counting, type Cpus, dsq, outcomes, queues, samplesOf, seriesWith } from './samples';

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
});
