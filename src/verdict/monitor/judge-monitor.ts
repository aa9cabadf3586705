import type { AssertDetail } from '../assert-result';
import type { MonitorThresholds } from './monitor-thresholds';
import { MonitorWatch } from './monitor-watch';
import type { MonitorSample } from './sample';
import type { MonitorFacts } from './sample-feed';
import { summarize, type MonitorSummary } from './monitor-summary';

export interface MonitorJudgement {
  /** Details for the result of the run; none when all is well or nothing is asserted. */
  findings: AssertDetail[];
  summary: MonitorSummary;
  /** Time of the first sample at which a threshold had been missed for long enough; null when none was. */
  breachedAtNs: bigint | null;
}

/** Judges a whole series of samples, in order of time. Samples that cannot be believed, or none, are inconclusive and never a pass. */
export function judgeMonitor(
  samples: readonly MonitorSample[],
  thresholds: MonitorThresholds,
  facts: MonitorFacts = { hz: null },
): MonitorJudgement {
  const watch = new MonitorWatch(thresholds, facts);
  let breachedAtNs: bigint | null = null;
  for (const sample of samples) {
    watch.push(sample);
    if (breachedAtNs === null && watch.isBreached) breachedAtNs = sample.hostNs;
  }
  return { findings: watch.findings(), summary: summarize(samples, facts), breachedAtNs };
}
