import type { WatchKind } from './bpf-settings';
import type { JudgedSample } from './monitor-check';
import { Plausibility } from './plausibility';
import type { MonitorSample } from './sample';

/** What judging needs to know beside the samples. */
export interface MonitorFacts {
  /** Ticks per second of the guest's kernel; null when not known. */
  hz: number | null;
  /** Host time from which on samples are judged, e.g. when the scheduler is attached; by default from the first one on. */
  fromNs?: bigint | undefined;
  /** Host time from which on samples are no longer judged; by default to the last one. */
  untilNs?: bigint | undefined;
  /** How watched values count, by their names. */
  watched?: ReadonlyMap<string, WatchKind>;
}

/** Numbers samples and picks those that can be judged. */
export class SampleFeed {
  readonly #facts: Pick<MonitorFacts, 'fromNs' | 'untilNs'>;
  readonly #plausibility = new Plausibility();
  #count = 0;
  #startNs: bigint | null = null;
  #previous: MonitorSample | null = null;

  constructor(facts: MonitorFacts) {
    this.#facts = facts;
  }

  /** Takes the next sample, in order of time; null when it is not in the time that is judged or cannot be believed. */
  push(sample: MonitorSample): JudgedSample | null {
    const index = this.#count++;
    this.#startNs ??= sample.hostNs;
    const previous = this.#previous;
    this.#previous = null;
    if (!this.#isInTime(sample) || !this.#plausibility.push(sample, index)) return null;
    this.#previous = sample;
    return { sample, previous, index, atMs: Number(sample.hostNs - this.#startNs) / 1e6 };
  }

  /** Why nothing can be told from the samples; null when it can. */
  get problem(): string | null {
    return this.#plausibility.problem;
  }

  /** Samples of the judged time that cannot be believed. */
  get rejected(): number {
    return this.#plausibility.rejected;
  }

  #isInTime({ hostNs }: MonitorSample): boolean {
    const { fromNs = hostNs, untilNs = hostNs + 1n } = this.#facts;
    return hostNs >= fromNs && hostNs < untilNs;
  }
}
