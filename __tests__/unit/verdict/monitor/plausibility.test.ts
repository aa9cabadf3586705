import { describe, expect, test } from '@jest/globals';
import { judgeMonitor } from '../../../../src/verdict/monitor/judge-monitor';
import type { MonitorSample } from '../../../../src/verdict/monitor/sample';
import { outcomes, PERIOD_MS, sample, seriesWith } from './samples';

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
