import type { ChildProcess } from 'node:child_process';
import { subscribe, unsubscribe } from 'node:diagnostics_channel';

import type { GuestKit } from './guest-kit';

const CHANNEL = 'child_process';

/**
 * Reaps the orphans that process 1 inherits. Node reaps what it spawned itself, by pid, and knows nothing of the others; this takes
 * those and leaves Node's own alone. It must exist before the first child does. Disposing of it ends the reaping.
 */
export class Reaper implements Disposable {
  readonly #kit: GuestKit;
  /** Children that Node spawned, as far as they may still live. */
  readonly #known = new Set<ChildProcess>();

  constructor(kit: GuestKit) {
    this.#kit = kit;
    subscribe(CHANNEL, this.#remember);
    process.on('SIGCHLD', this.#reapOrphans);
  }

  [Symbol.dispose](): void {
    unsubscribe(CHANNEL, this.#remember);
    process.off('SIGCHLD', this.#reapOrphans);
  }

  readonly #remember = (message: unknown): void => {
    this.#known.add((message as { process: ChildProcess }).process);
  };

  readonly #reapOrphans = (): void => {
    this.#forgetEnded();
    for (let pid = this.#kit.zombie(); pid !== 0; pid = this.#kit.zombie()) {
      const child = this.#ownChild(pid);
      if (child) {
        // The kernel names one zombie at a time: those behind this one show when Node has reaped it.
        child.off('exit', this.#reapOrphans).once('exit', this.#reapOrphans);
        return;
      }
      if (!this.#kit.reap(pid)) return;
    }
  };

  /** A pid of an ended child may be that of an orphan by now. */
  #forgetEnded(): void {
    for (const child of this.#known) {
      const isEnded = child.exitCode !== null || child.signalCode !== null;
      if (isEnded || child.pid === undefined) this.#known.delete(child);
    }
  }

  #ownChild(pid: number): ChildProcess | undefined {
    return [...this.#known].find((child) => child.pid === pid);
  }
}
