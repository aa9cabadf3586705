import { expect, test } from '@jest/globals';

import { judgeMonitor } from '../../../../src/verdict/monitor/judge-monitor';
import type { MonitorSample } from '../../../../src/verdict/monitor/sample';
import { cpu, PERIOD_MS, sample, samplesOf } from './samples';

const TASK = { pid: 77, comm: 'hungry' };
const THRESHOLDS = { maxWaitMs: 30, sustainedSamples: 2 };

/** Of two CPUs, the second of which has a task that waits for so many periods and then is run. */
function starving(periods: number): MonitorSample[] {
  return samplesOf(20, (index) => [
    {},
    { longestWait: index > 0 && index <= periods ? { task: TASK, ms: index * PERIOD_MS } : { task: null, ms: 0 } },
  ]);
}

const findings = (samples: MonitorSample[], thresholds: Parameters<typeof judgeMonitor>[1] = THRESHOLDS) =>
  judgeMonitor(samples, thresholds).findings;

test('maxWaitMs fails when a task waits longer, and names it and its CPU', () => {
  expect(findings(starving(4))).toEqual([]);
  expect(findings(starving(5))).toEqual([
    {
      kind: 'monitor',
      outcome: 'fail',
      message:
        'the longest wait of a runnable task for a CPU, in ms, was above 30 for 2 samples in a row, at worst 50 (hungry[77] on cpu 1); ' +
        'the last one was sample 5, 50 ms after the first sample; maxWaitMs is 30, sustainedSamples is 2',
    },
  ]);
});

test('judgeMonitor() tells when a threshold had been missed for long enough', () => {
  const samples = starving(9);
  expect(judgeMonitor(samples, THRESHOLDS)).toMatchObject({ breachedAtNs: samples[5]?.hostNs });
  expect(judgeMonitor(starving(4), THRESHOLDS)).toMatchObject({ breachedAtNs: null });
});

test('judgeMonitor() sums up the longest wait', () => {
  expect(judgeMonitor(starving(7), {}).summary.maxWaitMs).toBe(70);
});

test.each<{ name: string; changes: Partial<MonitorSample> }>([
  {
    name: 'no scheduler is attached',
    changes: { scx: { state: 'DISABLED', opsName: null, exitKind: 0, userDsqs: null } },
  },
  { name: 'the kernel has no sched_ext', changes: { scx: null } },
  { name: 'it could not be read', changes: { cpus: [cpu({ longestWait: null })] } },
])('maxWaitMs is inconclusive when $name, unless only the defaults ask for it', ({ changes }) => {
  const samples = Array.from({ length: 10 }, (_, index) => {
    const full = sample(index * PERIOD_MS, [{ longestWait: { task: TASK, ms: 5000 } }]);
    return {
      ...full,
      ...changes,
      cpus: full.cpus.map((own) => ({ ...own, ...changes.cpus?.[0], clockNs: own.clockNs })),
    };
  });
  expect(findings(samples)).toMatchObject([{ outcome: 'inconclusive' }]);
  expect(findings(samples, { defaults: true })).toEqual([]);
});
