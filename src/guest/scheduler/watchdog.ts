import type { Readable } from 'node:stream';

import { GUEST_PATHS } from '../../spec/declare/run-request';
import type { SchedulerProgram } from '../../spec/scheduler/scheduler-data';
import type { WatchdogLimit } from '../../verdict/scheduler/scheduler-run';
import { scaledMs } from '../../spec/time-scale';
import { settled } from './settled';

/** Descriptor on which native/guest/watchdog reports. */
export const WATCHDOG_FD = 3;
/** The report is written before the kernel attaches the scheduler; it only has to be read. */
const REPORT_MS = scaledMs(400);

/** What starts a scheduler: its own program, or the one that puts in another limit of the watchdog and then takes its place. */
export function startCommand(path: string, { args, watchdogTimeoutMs }: SchedulerProgram): [string, string[]] {
  if (watchdogTimeoutMs === null) return [path, args];
  return [GUEST_PATHS.watchdog, [String(watchdogTimeoutMs), path, ...args]];
}

/** What becomes of the limit that a declaration puts over that of its scheduler. */
export class WatchdogReport {
  readonly #limitMs: number;
  readonly #told: Promise<void>;
  #line = '';

  constructor(limitMs: number, stream: Readable) {
    this.#limitMs = limitMs;
    this.#told = new Promise((resolve) => {
      stream.on('data', (chunk: Buffer) => {
        this.#line += chunk.toString();
        if (this.#line.endsWith('\n')) resolve();
      });
      stream.on('close', () => resolve());
    });
  }

  /** Null as long as it is not in. */
  get limit(): WatchdogLimit | null {
    const asked = /^set (\d+)$/m.exec(this.#line)?.[1];
    return asked === undefined ? null : { limitMs: this.#limitMs, askedMs: Number(asked) };
  }

  /** Why the limit is not in; null when it is. To be asked of a scheduler that is attached. */
  async problem(): Promise<string | null> {
    await settled(this.#told, REPORT_MS);
    if (this.limit !== null) return null;
    return /^failed (.+)$/m.exec(this.#line)?.[1] ?? 'its own process did not hand it to the kernel';
  }
}
