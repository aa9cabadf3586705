import { writeBpf } from '../src/host/monitor/bpf/write-bpf';
import { tellGuest } from '../src/host/monitor/kernel/host-word';
import type { Kernel } from '../src/host/monitor/kernel/kernel';
import type { TestSpec } from '../src/spec/declare/test-spec';
import type { AssertDetail } from '../src/verdict/assert-result';

/** What a test wants in the memory of its scheduler. */
export class SchedulerMemory {
  readonly #spec: TestSpec;
  /** Null as long as nothing was written; once it was, why that was not possible, or that it was. */
  #written: string | true | null = null;

  constructor(spec: TestSpec) {
    this.#spec = spec;
  }

  /** Called when a scheduler is attached, while the guest waits for it or stands still. Never throws. */
  attached(kernel: Kernel): void {
    if (this.#spec.bpfMapWrite.length === 0 || this.#written !== null) return;
    this.#written = textOfFailure(() => writeBpf(kernel, this.#spec.bpfMapWrite)) ?? true;
    const word = this.#written === true ? 'ktstr:written' : 'ktstr:refused';
    const untold = textOfFailure(() => tellGuest(kernel, word));
    if (this.#written === true && untold !== null) this.#written = untold;
  }

  /** @param problem why the guest's memory could not be looked into, if that was so */
  findings(problem: string): AssertDetail[] {
    if (this.#spec.bpfMapWrite.length === 0 || this.#written === true) return [];
    return [{ kind: 'bpf', outcome: 'fail', message: `bpfMapWrite: ${this.#written ?? problem}` }];
  }
}

function textOfFailure(work: () => void): string | null {
  try {
    work();
    return null;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}
