import { constants, readSync, watch, type FSWatcher } from 'node:fs';

import { AnonymousFile } from './anonymous-file';
import type { GuestStream } from './machine';

const CHUNK_BYTES = 256 * 1024;
/** Of all streams: room for a chunk is much to make for each byte of a guest that writes its console byte by byte. */
const scratch = Buffer.allocUnsafeSlow(CHUNK_BYTES);
/** Room that there must be when the guest starts; what it writes is bounded by the limit. */
const EXPECTED_BYTES = 1024 * 1024;

/**
 * What the guest writes to one line, kept in an anonymous file that the machine's process appends to. A file instead of a pipe: the guest
 * is never held up by a slow reader, which virtual time could not bear.
 */
export class FileStream implements GuestStream, Disposable {
  /** Descriptor for the machine's process to write to. */
  readonly writeFd: number;
  readonly #file = new AnonymousFile(EXPECTED_BYTES);
  readonly #watcher: FSWatcher;
  readonly #listeners: ((chunk: Buffer) => void)[] = [];
  readonly #limitBytes: number;
  readonly #onLimit: () => void;
  #chunks: Buffer[] = [];
  #offset = 0;
  #limited = false;

  constructor(limitBytes: number, onLimit: () => void) {
    this.#limitBytes = limitBytes;
    this.#onLimit = onLimit;
    this.writeFd = this.#file.reopen(constants.O_WRONLY);
    this.#watcher = watch(this.#file.path, () => this.drain());
    this.#watcher.on('error', () => this.#watcher.close());
  }

  /** Bytes seen so far. */
  get length(): number {
    return this.#offset;
  }

  onData(listener: (chunk: Buffer) => void): void {
    this.#listeners.push(listener);
    for (const chunk of this.#chunks) listener(chunk);
  }

  /** Delivers whatever is in the file and not yet delivered. */
  drain(): void {
    for (;;) {
      const length = readSync(this.#file.fd, scratch, 0, CHUNK_BYTES, this.#offset);
      if (length === 0) return;
      this.#offset += length;
      const chunk = Buffer.from(scratch.subarray(0, length));
      this.#chunks.push(chunk);
      for (const listener of this.#listeners) listener(chunk);
      if (this.#offset > this.#limitBytes && !this.#limited) {
        this.#limited = true;
        this.#onLimit();
      }
    }
  }

  text(): string {
    return this.bytes().toString('latin1');
  }

  /** What `text()` gives, as it is. */
  bytes(): Buffer {
    if (this.#chunks.length > 1) this.#chunks = [Buffer.concat(this.#chunks)];
    return this.#chunks[0] ?? Buffer.alloc(0);
  }

  [Symbol.dispose](): void {
    this.#watcher.close();
    this.#file[Symbol.dispose]();
  }
}
