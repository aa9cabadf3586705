import { readSync, writeFileSync } from 'node:fs';

import { HarnessError } from '../../errors';
import { schedExtEvent } from '../../verdict/console/sched-ext-lines';
import { scaledMs } from '../../spec/time-scale';
import type { GuestKit } from '../guest-kit';
import { settled } from './settled';

/** A record of the kernel log. Documentation/ABI/testing/dev-kmsg: `prio,seq,usec,flags;text`, and lines of key=value behind it. */
export interface KernelLogRecord {
  /** By the clock of printk, which counts from boot. */
  atUs: number;
  text: string;
}

const RECORD = /^\d+,\d+,(\d+),[^;]*;([^\n]*)/;
/** CONSOLE_EXT_LOG_MAX of the kernel: no record is longer. */
const RECORD_BYTES = 8192;

const KMSG = '/dev/kmsg';
/** Of level debug, so that it is not on the console. */
const FIRST_LINE = 'ktstr: the kernel log is followed';
const FIRST_LINE_MS = scaledMs(2_000);

/** Follows the kernel log from now on, by event. */
export class KernelLog {
  readonly #listeners = new Set<(record: KernelLogRecord) => void>();
  readonly #buffer = Buffer.alloc(RECORD_BYTES);
  readonly #fd: number;

  private constructor(kit: GuestKit) {
    this.#fd = kit.watchKernelLog(() => this.#drain());
  }

  /**
   * Resolves once a line of our own has come back: nothing is started in the dark, and the code that a scheduler's attach is told by has run before.
   * @throws {HarnessError} `guest-kernel-log` when it does not within 2 s
   */
  static async open(kit: GuestKit): Promise<KernelLog> {
    const log = new KernelLog(kit);
    const seen = new Promise<void>((resolve) => {
      const unlisten = log.onRecord(({ text }) => {
        schedExtEvent(text);
        if (text !== FIRST_LINE) return;
        unlisten();
        resolve();
      });
    });
    writeFileSync(KMSG, `<7>${FIRST_LINE}\n`);
    if (await settled(seen, FIRST_LINE_MS)) return log;
    throw new HarnessError('guest-kernel-log', { path: KMSG, waitedMs: FIRST_LINE_MS });
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
