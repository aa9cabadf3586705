import { constants } from 'node:os';

import { HarnessError } from '../../errors';
import { followPipe } from './follow-pipe';
import type { MonitorInfo } from './monitor-layout';
import type { MonitorLibrary } from './monitor-library';
import { callAsync } from './open-library';

export interface SamplingOptions {
  /** 1 to 1000. */
  periodMs: number;
  /** Records that wait to be drained; those that find no room are dropped and counted. */
  capacity: number;
}

/** Records taken from the ring in one call. */
const BATCH = 256;

/** A thread that executes a read plan at a period. To be disposed of, which ends it. */
export class NativeSampler implements AsyncDisposable {
  /** Resolves when no record will follow; those before it can still be drained. Never rejects. */
  readonly ended: Promise<void>;
  readonly #library: MonitorLibrary;
  readonly #recordBytes: number;
  #handle: bigint | undefined;
  #onHalfFull: () => void = () => undefined;

  constructor(library: MonitorLibrary, handle: bigint) {
    this.#library = library;
    this.#handle = handle;
    const info = this.info();
    this.#recordBytes = info.record_bytes;
    this.ended = followPipe(info.news_fd, () => this.#onHalfFull());
  }

  /** Called when half of the ring waits to be drained, once until something is. */
  onHalfFull(listener: () => void): void {
    this.#onHalfFull = listener;
  }

  /** All records that wait, oldest first. */
  drain(): Buffer[] {
    const records: Buffer[] = [];
    for (;;) {
      const batch = Buffer.allocUnsafe(BATCH * this.#recordBytes);
      const count = this.#library.samplerDrain(this.#open(), batch, batch.length) as number;
      for (let i = 0; i < count; i++) records.push(batch.subarray(i * this.#recordBytes, (i + 1) * this.#recordBytes));
      if (count < BATCH) return records;
    }
  }

  info(): MonitorInfo {
    const info = {} as MonitorInfo;
    this.#library.samplerInfo(this.#open(), info);
    return info;
  }

  /** Resolves when the thread takes no more samples. @throws {HarnessError} `monitor` when it does not end in time */
  async stop(deadlineMs: number): Promise<void> {
    this.#library.samplerStop(this.#open());
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_, reject) => {
      timer = setTimeout(() => reject(notEnded(deadlineMs)), deadlineMs);
    });
    try {
      await Promise.race([this.ended, late]);
    } finally {
      clearTimeout(timer);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const handle = this.#handle;
    if (handle === undefined) return;
    this.#handle = undefined;
    this.#library.samplerStop(handle);
    await this.ended;
    await callAsync(this.#library.samplerDestroy, [handle]);
  }

  #open(): bigint {
    if (this.#handle === undefined) throw new TypeError('use a sampler: it is disposed of');
    return this.#handle;
  }
}

function notEnded(deadlineMs: number): HarnessError {
  const detail = `the sampling thread has not ended within ${deadlineMs} ms`;
  return new HarnessError('monitor', { code: constants.errno.ETIMEDOUT, phase: 'sampler', call: 'stop', detail });
}
