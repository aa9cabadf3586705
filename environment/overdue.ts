import type { Message } from '../src/protocol/messages';
import { scaledMs } from '../src/spec/time-scale';

/** Chosen: a look takes milliseconds, and a busy host comes to it late; what a body waits for is there long before its end. */
const LEAD_MS = 500;
/** Of a time budget, for those that are shorter than a few leads. */
const LEAD_SHARE = 0.25;

/** How long after the start of a body it is looked at, in case that it is not going to return. @param timeoutMs time that it has */
export function overdueMs(timeoutMs: number): number {
  return timeoutMs - Math.min(LEAD_MS, LEAD_SHARE * timeoutMs);
}

/**
 * Looks at a guest when its body is about to run out of time, as the scheduler and the workers are gone soon after. Not in virtual time, which
 * would go on meanwhile. To be disposed of.
 */
export class OverdueWatch implements Disposable {
  readonly #timeoutMs: number;
  readonly #onOverdue: () => Promise<void>;
  #timer: NodeJS.Timeout | undefined;
  /** Settles when the look is over. */
  #look: Promise<void> | undefined;

  /** @param onOverdue called once at most; never rejects */
  constructor({ timeoutMs }: { timeoutMs: number }, onOverdue: () => Promise<void>) {
    this.#timeoutMs = scaledMs(timeoutMs);
    this.#onOverdue = onOverdue;
  }

  note({ kind }: Message): void {
    if (kind === 'testStart') this.#timer ??= setTimeout(() => this.#start(), overdueMs(this.#timeoutMs));
    if (kind === 'result' || kind === 'departure') clearTimeout(this.#timer);
  }

  /** Resolves when the guest is not being looked at any more. */
  async settle(): Promise<void> {
    clearTimeout(this.#timer);
    await this.#look;
  }

  [Symbol.dispose](): void {
    clearTimeout(this.#timer);
  }

  #start(): void {
    this.#look = this.#onOverdue();
  }
}
