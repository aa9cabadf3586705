import { expect, test } from '@jest/globals';
import { judgeMonitor } from '../../../../src/verdict/monitor/judge-monitor';
import { MonitorWatch } from '../../../../src/verdict/monitor/monitor-watch';
import type { CpuSample } from '../../../../src/verdict/monitor/sample';
import { samplesOf, wellAt } from './samples';

const THRESHOLDS = { maxLocalDsqDepth: 50, failOnStall: true };

/** After which sample the watch tells a breach, of a series of 20 that goes wrong at sample 10. */
function breachedAt(cpus: readonly Partial<CpuSample>[]): number {
  const watch = new MonitorWatch(THRESHOLDS, { hz: 250 });
  return samplesOf(20, (index) => (index < 10 ? wellAt(index) : cpus)).findIndex((sample) => {
    watch.push(sample);
    return watch.isBreached;
  });
}

test('MonitorWatch tells a breach with the sample that makes the run long enough', () => {
  expect(breachedAt([{ localDsqDepth: 51 }, {}])).toBe(14);
  expect(breachedAt([{ clockNs: 9n }, {}])).toBe(15);
  expect(breachedAt([{ localDsqDepth: 50 }, {}])).toBe(-1);
});

test('MonitorWatch still tells a breach after the run has ended, in the words of judgeMonitor()', () => {
  const samples = samplesOf(20, (index) => (index < 6 ? [{ localDsqDepth: 60 }, {}] : wellAt(index)));
  const watch = new MonitorWatch(THRESHOLDS, { hz: 250 });
  for (const sample of samples) watch.push(sample);
  expect(watch.isBreached).toBe(true);
  expect(watch.findings()).toEqual(judgeMonitor(samples, THRESHOLDS, { hz: 250 }).findings);
});

test('MonitorWatch tells no breach by samples that cannot be believed', () => {
  const watch = new MonitorWatch(THRESHOLDS, { hz: 250 });
  for (const sample of samplesOf(10, () => [{ clockNs: 7n, localDsqDepth: 51 }])) watch.push(sample);
  expect(watch.isBreached).toBe(false);
  expect(watch.findings()).toMatchObject([{ outcome: 'inconclusive' }]);
});
