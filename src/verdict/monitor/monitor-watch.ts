import type { AssertDetail } from '../assert-result';
import { LevelCheck } from './level-check';
import { LEVEL_RULES } from './level-rules';
import type { MonitorCheck } from './monitor-check';
import { isStallFailure, limitOf, MONITOR_DEFAULTS, type MonitorThresholds } from './monitor-thresholds';
import type { MonitorSample } from './sample';
import { StallCheck } from './stall-check';
import { SampleFeed, type MonitorFacts } from './sample-feed';

/** Judges samples as they come, so that a machine can be stopped while what is wrong still is. */
export class MonitorWatch {
  readonly #feed: SampleFeed;
  readonly #checks: readonly MonitorCheck[];

  constructor(thresholds: MonitorThresholds, facts: MonitorFacts) {
    this.#feed = new SampleFeed(facts);
    this.#checks = checksOf(thresholds, facts);
  }

  /** Takes the next sample, in order of time. */
  push(sample: MonitorSample): void {
    const now = this.#feed.push(sample);
    for (const check of this.#checks) {
      if (now === null) check.reset();
      else check.push(now);
    }
  }

  /** Whether a threshold was missed for long enough, by samples that can be believed. */
  get isBreached(): boolean {
    return this.#feed.problem === null && this.#checks.some((check) => check.isBreached);
  }

  /** What is to be said by now; nothing when all is well or nothing is asserted. */
  findings(): AssertDetail[] {
    if (this.#checks.length === 0) return [];
    const { problem } = this.#feed;
    if (problem === null) return this.#checks.flatMap((check) => check.details());
    return [{ kind: 'monitor', outcome: 'inconclusive', message: `the monitor cannot judge: ${problem}` }];
  }
}

function checksOf(thresholds: MonitorThresholds, { hz }: MonitorFacts): MonitorCheck[] {
  const sustained = thresholds.sustainedSamples ?? MONITOR_DEFAULTS.sustainedSamples;
  return [
    ...LEVEL_RULES.flatMap((rule) => {
      const limit = limitOf(thresholds, rule.threshold);
      return limit === null ? [] : [new LevelCheck(rule, limit, sustained)];
    }),
    ...(isStallFailure(thresholds) ? [new StallCheck(hz, sustained)] : []),
  ];
}
