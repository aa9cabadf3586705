const SMALLEST_CAPACITY = 64 * 1024;

/** A sliding part of a stream, addressed by stream offsets. Appending and discarding cost amortised time per byte. */
export class ByteWindow {
  #storage = Buffer.allocUnsafeSlow(SMALLEST_CAPACITY);
  /** Stream offset of `#storage[0]`. */
  #origin = 0;
  #start = 0;
  #end = 0;

  get start(): number {
    return this.#start;
  }

  /** Exclusive. */
  get end(): number {
    return this.#end;
  }

  append(chunk: Uint8Array): void {
    const needed = this.#end - this.#origin + chunk.length;
    if (needed > this.#storage.length) this.#makeRoom(this.#end - this.#start + chunk.length);
    this.#storage.set(chunk, this.#end - this.#origin);
    this.#end += chunk.length;
  }

  discardBefore(offset: number): void {
    this.#start = Math.max(this.#start, Math.min(offset, this.#end));
  }

  /** The storage and where `offset` lies in it; valid until the next `append`. */
  locate(offset: number): { storage: Buffer; at: number } {
    return { storage: this.#storage, at: offset - this.#origin };
  }

  /** A view, valid until the next `append`. */
  view(from: number, to: number): Buffer {
    return this.#storage.subarray(from - this.#origin, to - this.#origin);
  }

  #makeRoom(needed: number): void {
    const kept = this.view(this.#start, this.#end);
    // At most half full after the move, so that the next move is paid for by as many appended bytes as it copies.
    const capacity = Math.max(SMALLEST_CAPACITY, needed * 2);
    const fits = capacity <= this.#storage.length && this.#storage.length <= capacity * 4;
    const target = fits ? this.#storage : Buffer.allocUnsafeSlow(capacity);
    target.set(kept, 0);
    this.#storage = target;
    this.#origin = this.#start;
  }
}
