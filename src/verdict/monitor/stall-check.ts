import type { AssertDetail } from '../assert-result';
import { cpuNames, ms } from '../checks/check';
import {
  momentText,
  monitorFailed,
  monitorUnjudged,
  settingsText,
  tooFewText,
  type MonitorCheck,
  type JudgedSample,
} from './monitor-check';
import { StandstillTracker, type Standstill } from './standstill';

/** Fails when the clock of a run queue stood still, as a stall, through `sustainedSamples` intervals. */
export class StallCheck implements MonitorCheck {
  readonly #tracker: StandstillTracker;
  readonly #sustainedSamples: number;
  /** The longest one of each CPU. */
  readonly #stalls = new Map<number, Standstill>();
  #judged = 0;

  constructor(hz: number | null, sustainedSamples: number) {
    this.#tracker = new StandstillTracker(hz);
    this.#sustainedSamples = sustainedSamples;
  }

  get isBreached(): boolean {
    return this.#stalls.size > 0;
  }

  push(now: JudgedSample): void {
    if (now.previous !== null) this.#judged += 1;
    for (const stall of this.#tracker.push(now)) {
      const longest = this.#stalls.get(stall.cpu)?.intervals ?? this.#sustainedSamples;
      if (stall.intervals >= longest) this.#stalls.set(stall.cpu, stall);
    }
  }

  reset(): void {
    this.#tracker.reset();
  }

  details(): AssertDetail[] {
    const [longest, ...others] = [...this.#stalls.values()].sort((a, b) => b.intervals - a.intervals || a.cpu - b.cpu);
    if (longest !== undefined) return [monitorFailed(this.#failure(longest, others))];
    if (this.#judged >= this.#sustainedSamples) return [];
    return [monitorUnjudged('failOnStall', tooFewText(this.#judged, 'interval', this.#sustainedSamples))];
  }

  #failure(stall: Standstill, others: readonly Standstill[]): string {
    const { cpu, clockNs, intervals, elapsedNs, ranNs, tasks, last } = stall;
    const ran = ranNs === null ? '' : `, in which the vCPU ran for at least ${ms(Number(ranNs))}`;
    const also = others.length === 0 ? '' : `; so did ${cpuNames(others.map((other) => other.cpu))}`;
    return (
      `the run queue clock of cpu ${cpu} stood still at ${clockNs} ns for ${intervals} intervals in a row, ${ms(Number(elapsedNs))}${ran}, ` +
      `with ${tasks === 1 ? '1 task' : `${tasks} tasks`} to run${also}; ${momentText(last)}; ` +
      settingsText({ failOnStall: true, sustainedSamples: this.#sustainedSamples })
    );
  }
}
