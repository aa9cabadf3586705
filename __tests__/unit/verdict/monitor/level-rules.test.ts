import { describe, expect, test } from '@jest/globals';
import { judgeMonitor } from '../../../../src/verdict/monitor/judge-monitor';
import type { MonitorSample } from '../../../../src/verdict/monitor/sample';
import { counting, outcomes, samplesOf } from './samples';

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
  test('is inconclusive on a kernel without local DSQs, unless only the defaults ask for them', () => {
    const bare = samplesOf(9, () => [{ localDsqDepth: null, events: null }]);
    expect(outcomes(bare, { maxLocalDsqDepth: 50 })).toEqual(['inconclusive']);
    expect(outcomes(bare, { defaults: true })).toEqual([]);
  });
});
