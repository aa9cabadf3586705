import { isHarnessError } from '../src/errors';
import type { Kernel } from '../src/host/monitor/kernel/kernel';
import { longestWaitMs } from '../src/host/monitor/kernel/longest-wait';
import { scxView } from '../src/host/monitor/kernel/scx-view';

/** Chosen: often enough for the shortest watchdog that makes sense, at a cost that is not seen. */
const LOOK_MS = 200;
/** Of the limit of the kernel's watchdog, which acts when all of it is over, at the earliest. */
const SHARE = 0.75;

/**
 * Looks a few times a second whether a task of sched_ext waits so long that the kernel is about to switch its scheduler off. Not in virtual
 * time, which would go on meanwhile. To be disposed of.
 */
export class StallWatch implements Disposable {
  readonly #onStall: () => Promise<void>;
  #timer: NodeJS.Timeout | undefined;
  /** Settles when what was done about a stall is done. */
  #stall: Promise<void> | undefined;

  /** @param onStall called at the first stall; never rejects */
  constructor(onStall: () => Promise<void>) {
    this.#onStall = onStall;
  }

  start(kernel: Kernel): void {
    if (hasScx(kernel)) this.#timer = setInterval(() => this.#look(kernel), LOOK_MS);
  }

  /** Resolves when nothing is being looked at any more. */
  async settle(): Promise<void> {
    clearInterval(this.#timer);
    await this.#stall;
  }

  [Symbol.dispose](): void {
    clearInterval(this.#timer);
  }

  #look(kernel: Kernel): void {
    if (!isStalling(kernel)) return;
    clearInterval(this.#timer);
    this.#stall = this.#onStall();
  }
}

function hasScx(kernel: Kernel): boolean {
  try {
    return scxView(kernel) !== null;
  } catch (error) {
    if (isHarnessError(error)) return false;
    throw error;
  }
}

function isStalling(kernel: Kernel): boolean {
  try {
    const waitMs = longestWaitMs(kernel);
    const limitMs = waitMs === null ? null : (scxView(kernel)?.watchdogTimeoutMs ?? null);
    return waitMs !== null && limitMs !== null && waitMs > SHARE * limitMs;
  } catch (error) {
    // A list that was just being changed; or a kernel that does not tell, of which there is no dump then.
    if (isHarnessError(error)) return false;
    throw error;
  }
}
