import type { Kernel } from '../src/host/monitor/kernel/kernel';
import type { Machine } from '../src/host/machine/machine';
import type { Message } from '../src/protocol/messages';
import type { TestSpec } from '../src/spec/declare/test-spec';
import type { FailureDump } from '../src/verdict/monitor/failure-dump';
import { CrashWatch } from './crash-watch';
import { programsOf } from './find-schedulers';
import { glanceInto, inspectMachine } from './inspect-machine';
import { OverdueWatch } from './overdue';
import { StallWatch } from './stall-watch';

/**
 * The looks at one guest while something is wrong with it: a task that waits for long, a scheduler that was switched off, a body that is
 * about to run out of time, and whatever else somebody asks for. The first one counts, but for that at a machine that the host ends. Nothing but
 * the latter is for virtual time, which would go on meanwhile. To be disposed of.
 */
export class Looks implements Disposable {
  readonly #machine: Machine;
  readonly #stalls: StallWatch | null;
  readonly #crashes: CrashWatch | null;
  readonly #overdue: OverdueWatch | null;
  /** Where its VMCOREINFO note is, as long as no more is known. */
  #kernel: Kernel | number | null = null;
  #seen: FailureDump | null = null;
  #glance: Promise<void> | undefined;
  #isEnding = false;

  constructor(machine: Machine, spec: TestSpec) {
    this.#machine = machine;
    const isLive = machine.kind !== 'deterministic';
    const hasSchedulers = programsOf(spec).length > 0;
    const glance = (): Promise<void> => this.glance();
    this.#overdue = isLive ? new OverdueWatch(spec, glance) : null;
    this.#stalls = isLive && hasSchedulers ? new StallWatch(glance) : null;
    this.#crashes = isLive && hasSchedulers ? new CrashWatch(machine.console, glance) : null;
  }

  /** What was seen; null when there was no look, or nothing to see. */
  get seen(): FailureDump | null {
    return this.#seen;
  }

  note(message: Message): void {
    this.#overdue?.note(message);
  }

  locate(gpa: number): void {
    this.#kernel = gpa;
  }

  know(kernel: Kernel): void {
    this.#kernel = kernel;
    this.#stalls?.start(kernel);
  }

  /** Freezes the guest for an instant. Never rejects. */
  async glance(): Promise<void> {
    // One at a time, and none under a look that is for good: the end of the one would let the guest run under the other.
    if (this.#isEnding) return;
    this.#glance ??= this.#seen === null ? this.#look() : undefined;
    await this.#glance;
  }

  /** Stops the guest for good. Never rejects. */
  async inspect(): Promise<void> {
    this.#isEnding = true;
    await this.#glance;
    this.#seen = await inspectMachine(this.#machine, this.#kernel);
  }

  /** Resolves when the guest is not being looked at any more. */
  async settle(): Promise<void> {
    await this.#stalls?.settle();
    await this.#crashes?.settle();
    await this.#overdue?.settle();
  }

  [Symbol.dispose](): void {
    this.#stalls?.[Symbol.dispose]();
    this.#overdue?.[Symbol.dispose]();
  }

  async #look(): Promise<void> {
    const seen = await glanceInto(this.#machine, this.#kernel);
    // A machine that has just ended shows nothing.
    if (seen.sched !== null) this.#seen ??= seen;
    this.#glance = undefined;
  }
}
