import type { MonitorSample } from './sample';

/** No run queue gets so long in a test: memory that holds no run queue was read. */
export const MAX_PLAUSIBLE_DEPTH = 10_000;

/** Tells samples that show a scheduler from what is read at a wrong address or before the kernel is up. */
export class Plausibility {
  #samples = 0;
  #usable = 0;
  #tooDeep: string | null = null;
  #clockNs: bigint | null = null;
  #hasMoved = false;

  /** Takes a sample in; false when it cannot be judged. */
  push(sample: MonitorSample, index: number): boolean {
    this.#samples += 1;
    if (!sample.valid || sample.cpus.length === 0) return false;
    const cpu = sample.cpus.findIndex(({ localDsqDepth }) => (localDsqDepth ?? 0) > MAX_PLAUSIBLE_DEPTH);
    if (cpu !== -1) {
      this.#tooDeep ??= `sample ${index} says that the local DSQ of cpu ${cpu} holds ${sample.cpus[cpu]?.localDsqDepth} tasks`;
      return false;
    }
    this.#usable += 1;
    for (const { clockNs } of sample.cpus) {
      this.#clockNs ??= clockNs;
      this.#hasMoved ||= clockNs !== this.#clockNs;
    }
    return true;
  }

  get rejected(): number {
    return this.#samples - this.#usable;
  }

  /** Why nothing can be told from the samples; null when it can. */
  get problem(): string | null {
    if (this.#samples === 0) return 'there is no sample';
    if (this.#tooDeep !== null) return `${this.#tooDeep}, which cannot be`;
    if (this.#usable === 0) return `none of the ${this.#samples} samples could be read`;
    if (!this.#hasMoved)
      return `every run queue clock of every sample says ${this.#clockNs} ns, as if the kernel never ran`;
    return null;
  }
}
