import type { AssertDetail } from '../assert-result';
import { asserts, type MonitorThresholds } from './monitor-thresholds';
import { MonitorWatch } from './monitor-watch';
import type { MonitorSample } from './sample';
import type { MonitorFacts } from './sample-feed';
import { summarize, type MonitorSummary } from './monitor-summary';

/** Chosen: of the time that is judged, the share that may have passed before the first sample. */
const MOST_UNSEEN = 0.5;

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
  const findings = watch.findings();
  const unseen = findings.length === 0 && asserts(thresholds) ? unseenPart(samples, facts) : [];
  return { findings: [...findings, ...unseen], summary: summarize(samples, facts), breachedAtNs };
}

/** That nothing was wrong in the last part of a run does not tell of the rest. */
function unseenPart(samples: readonly MonitorSample[], { fromNs, untilNs }: MonitorFacts): AssertDetail[] {
  if (fromNs === undefined || untilNs === undefined) return [];
  const first = samples.find(({ hostNs, valid }) => valid && hostNs >= fromNs && hostNs < untilNs);
  if (first === undefined) return [];
  const [missedMs, wholeMs] = [first.hostNs - fromNs, untilNs - fromNs].map((span) => Math.round(Number(span) / 1e6));
  if (missedMs === undefined || wholeMs === undefined || missedMs <= MOST_UNSEEN * wholeMs) return [];
  const message = `the monitor cannot judge: its first sample came ${missedMs} ms after the start of the workers, who ran for ${wholeMs} ms`;
  return [{ kind: 'monitor', outcome: 'inconclusive', message }];
}
