import type { AssertDetail } from '../assert-result';
import { figure } from '../checks/check';
import type { Limit, MonitorLimit } from './monitor-thresholds';
import {
  momentText,
  monitorFailed,
  monitorUnjudged,
  settingsText,
  tooFewText,
  type Moment,
  type MonitorCheck,
  type JudgedSample,
} from './monitor-check';

/** What a check reads from a sample. */
export interface Level {
  value: number;
  /** Where the value comes from, e.g. `on cpu 3`; empty when there is nothing to say. */
  describe: () => string;
}

/** A check that compares one figure per sample with a limit. */
export interface LevelRule {
  threshold: MonitorLimit;
  /** What the figure is, e.g. `the imbalance of the run queues`. */
  subject: string;
  unit: 'sample' | 'interval';
  /** Why there is nothing to judge by when `read` always gives null. */
  absent: string;
  read: (now: JudgedSample) => Level | null;
}

/** Samples in a row that are over the limit. */
interface Run {
  length: number;
  worst: Level;
  last: Moment;
}

/** Fails when the figure was over its limit for `sustainedSamples` in a row; a sample without the figure ends a run. */
export class LevelCheck implements MonitorCheck {
  readonly #rule: LevelRule;
  readonly #limit: Limit;
  readonly #sustainedSamples: number;
  #judged = 0;
  #run: Run | null = null;
  #longest: Run | null = null;

  constructor(rule: LevelRule, limit: Limit, sustainedSamples: number) {
    this.#rule = rule;
    this.#limit = limit;
    this.#sustainedSamples = sustainedSamples;
  }

  get isBreached(): boolean {
    return this.#longest !== null && this.#longest.length >= this.#sustainedSamples;
  }

  push(now: JudgedSample): void {
    const level = this.#rule.read(now);
    if (level === null) return this.reset();
    this.#judged += 1;
    if (!(level.value > this.#limit.value)) return this.reset();
    const { index, atMs } = now;
    const worst = this.#run === null || level.value > this.#run.worst.value ? level : this.#run.worst;
    this.#run = { length: (this.#run?.length ?? 0) + 1, worst, last: { index, atMs } };
    if (this.#run.length > (this.#longest?.length ?? 0)) this.#longest = this.#run;
  }

  reset(): void {
    this.#run = null;
  }

  details(): AssertDetail[] {
    const { threshold, unit, absent } = this.#rule;
    if (this.#longest !== null && this.isBreached) return [monitorFailed(this.#failure(this.#longest))];
    if (this.#judged >= this.#sustainedSamples) return [];
    if (this.#judged > 0) return [monitorUnjudged(threshold, tooFewText(this.#judged, unit, this.#sustainedSamples))];
    return this.#limit.isImplied ? [] : [monitorUnjudged(threshold, absent)];
  }

  #failure({ length, worst, last }: Run): string {
    const { threshold, subject, unit } = this.#rule;
    const where = worst.describe();
    const settings = settingsText({ [threshold]: this.#limit.value, sustainedSamples: this.#sustainedSamples });
    return (
      `${subject} was above ${figure(this.#limit.value)} for ${length} ${unit}${length === 1 ? '' : 's'} in a row, ` +
      `at worst ${figure(worst.value)}${where === '' ? '' : ` (${where})`}; ${momentText(last)}; ${settings}`
    );
  }
}
