import { readSync } from 'node:fs';

import type { GuestKit } from '../guest-kit';

/** A record of the kernel log. Documentation/ABI/testing/dev-kmsg: `prio,seq,usec,flags;text`, and lines of key=value behind it. */
export interface KernelLogRecord {
  /** By the clock of printk, which counts from boot. */
  atUs: number;
  text: string;
}

const RECORD = /^\d+,\d+,(\d+),[^;]*;([^\n]*)/;
/** CONSOLE_EXT_LOG_MAX of the kernel: no record is longer. */
const RECORD_BYTES = 8192;

/** Follows the kernel log from now on, by event. */
export class KernelLog {
  readonly #listeners = new Set<(record: KernelLogRecord) => void>();
  readonly #buffer = Buffer.alloc(RECORD_BYTES);
  readonly #fd: number;

  constructor(kit: GuestKit) {
    this.#fd = kit.watchKernelLog(() => this.#drain());
  }

  /** Returns what takes the listener off again. */
  onRecord(listener: (record: KernelLogRecord) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  #drain(): void {
    for (let record = this.#next(); record !== null; record = this.#next()) {
      const [, atUs, text = ''] = RECORD.exec(record) ?? [];
      if (atUs === undefined) continue;
      for (const listener of this.#listeners) listener({ atUs: Number(atUs), text });
    }
  }

  #next(): string | null {
    for (;;) {
      try {
        return this.#buffer.toString('utf8', 0, readSync(this.#fd, this.#buffer));
      } catch (error) {
        // Records were overwritten before they were read: what is left comes next.
        if ((error as NodeJS.ErrnoException).code !== 'EPIPE') return null;
      }
    }
  }
}
