import { undecodable } from './wire';

/** KSYM_NAME_LEN, the longest name that the kernel accepts. Without a limit, names that overlap could make a small blob huge. */
const MAX_NAME_BYTES = 512;
/** Enough to tell names apart; bounds the work that a blob of overlapping names can cause. */
const HASHED_BYTES = 64;

/** The strings of a blob behind those of its base, all addressed by offset. */
export class BtfStrings {
  readonly #bytes: Buffer;
  readonly #base: BtfStrings | undefined;
  readonly #start: number;
  /** The first offset behind the last string. */
  readonly end: number;

  constructor(bytes: Buffer, base?: BtfStrings) {
    this.#bytes = bytes;
    this.#base = base;
    this.#start = base?.end ?? 0;
    this.end = this.#start + bytes.length;
  }

  /** @throws HarnessError `decode` when there is no string at the offset, or one longer than any name */
  text(offset: number): string {
    if (offset < this.#start && this.#base) return this.#base.text(offset);
    const at = this.#locate(offset);
    const length = this.#bytes.subarray(at, at + MAX_NAME_BYTES).indexOf(0);
    if (length === -1) throw undecodable(`string ${offset}`, `it is longer than ${MAX_NAME_BYTES} bytes`);
    return this.#bytes.toString('utf8', at, at + length);
  }

  /** Equal for equal strings; the same as `hashOf` of its bytes. */
  hash(offset: number): number {
    if (offset < this.#start && this.#base) return this.#base.hash(offset);
    return hashOf(this.#bytes, this.#locate(offset));
  }

  /** Whether the string at the offset is `wanted`, which ends with a zero byte. */
  equals(offset: number, wanted: Buffer): boolean {
    if (offset < this.#start && this.#base) return this.#base.equals(offset, wanted);
    const at = this.#locate(offset);
    return this.#bytes.subarray(at, at + wanted.length).equals(wanted);
  }

  #locate(offset: number): number {
    if (offset < this.end) return offset - this.#start;
    throw undecodable(`string ${offset}`, `the strings end at ${this.end}`);
  }
}

/** FNV-1a of the first bytes of a string that ends with a zero byte. */
export function hashOf(bytes: Buffer, at: number): number {
  let hash = 0x811c9dc5;
  for (let index = at; index < at + HASHED_BYTES; index++) {
    const byte = bytes[index] ?? 0;
    if (byte === 0) break;
    hash = Math.imul(hash ^ byte, 0x01000193);
  }
  return hash >>> 0;
}
