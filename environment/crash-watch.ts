import type { GuestStream } from '../src/host/machine/machine';
import { switchedOff } from '../src/verdict/console/switched-off';

/** Of the console, looked at again with what is new: a line that was not whole yet. */
const LINE_CHARS = 1_000;

/**
 * Looks at a guest as soon as its console says that the kernel has switched a scheduler off for an error, when the tasks that it had run are
 * still there. Not in virtual time, which would go on meanwhile.
 */
export class CrashWatch {
  /** Settles when what was done about a crash is done. */
  #crash: Promise<void> | undefined;

  /** @param onCrash called once at most; never rejects */
  constructor(console: GuestStream, onCrash: () => Promise<void>) {
    console.onData((chunk) => {
      if (this.#crash !== undefined) return;
      if (switchedOff(console.text().slice(-chunk.length - LINE_CHARS)) !== null) this.#crash = onCrash();
    });
  }

  /** Resolves when nothing is being looked at any more. */
  async settle(): Promise<void> {
    await this.#crash;
  }
}
