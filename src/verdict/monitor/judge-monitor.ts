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
}

/** Judges a whole series of samples, in order of time. Samples that cannot be believed, or none, are inconclusive and never a pass. */
export function judgeMonitor(
  samples: readonly MonitorSample[],
  thresholds: MonitorThresholds,
  facts: MonitorFacts = { hz: null },
): MonitorJudgement {
  const watch = new MonitorWatch(thresholds, facts);
  for (const sample of samples) watch.push(sample);
  return { findings: watch.findings(), summary: summarize(samples, facts) };
}
