import type { AssertDetail } from '../assert-result';
import { figure } from '../checks/check';
import type { MonitorSample } from './sample';
import type { MonitorThresholds } from './monitor-thresholds';

/** Where in a series a sample stands. */
export interface Moment {
  /** From 0, counting all samples, those too that are not judged. */
  index: number;
  /** Since the first sample of the series. */
  atMs: number;
}

/** A sample that can be judged, with the one before it when that can be judged, too. */
export interface JudgedSample extends Moment {
  sample: MonitorSample;
  previous: MonitorSample | null;
}

/** Judges one sample after the other by one threshold. */
export interface MonitorCheck {
  push(now: JudgedSample): void;
  /** Ends every run: what comes next does not follow on what was. */
  reset(): void;
  /** Whether a run was sustained; stays so. */
  readonly isBreached: boolean;
  /** No detail means that the check passed. */
  details(): AssertDetail[];
}

export function monitorFailed(message: string): AssertDetail {
  return { kind: 'monitor', outcome: 'fail', message };
}

/** The check is on, and there is nothing to judge by. */
export function monitorUnjudged(what: string, reason: string): AssertDetail {
  return { kind: 'monitor', outcome: 'inconclusive', message: `${what} is not judged: ${reason}` };
}

/** `the last one was sample 45, 440 ms after the first sample` */
export function momentText({ index, atMs }: Moment): string {
  return `the last one was sample ${index}, ${figure(atMs)} ms after the first sample`;
}

/** Names with their values as the test could set them, e.g. `maxImbalanceRatio is 4, sustainedSamples is 5`. */
export function settingsText(settings: Partial<Record<keyof MonitorThresholds, number | boolean>>): string {
  return Object.entries(settings)
    .map(([name, value]) => `${name} is ${value}`)
    .join(', ');
}

/** A series that is shorter than a sustained run cannot fail, so it must not pass either. */
export function tooFewText(judged: number, unit: string, sustainedSamples: number): string {
  return `there ${judged === 1 ? `is 1 ${unit}` : `are ${judged} ${unit}s`} to judge by, fewer than sustainedSamples, which is ${sustainedSamples}`;
}
