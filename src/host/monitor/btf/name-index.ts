import { type BtfStrings, hashOf } from './strings';

const NONE = -1;

/** Which records have a name: a hash table with a chain per slot, over the bytes of the names. */
export class NameIndex {
  readonly #strings: BtfStrings;
  readonly #offsets: Uint32Array;
  readonly #heads: Int32Array;
  readonly #next: Int32Array;

  /** `offsets`: that of each record's name; 0 for one without. */
  constructor(offsets: Uint32Array, strings: BtfStrings) {
    this.#strings = strings;
    this.#offsets = offsets;
    this.#heads = new Int32Array(2 ** Math.ceil(Math.log2(offsets.length + 1))).fill(NONE);
    this.#next = new Int32Array(offsets.length);
    const mask = this.#heads.length - 1;
    // From the last one, so that every chain ascends.
    for (let index = offsets.length - 1; index >= 0; index--) {
      const offset = offsets[index] ?? 0;
      if (offset === 0) continue;
      const slot = strings.hash(offset) & mask;
      this.#next[index] = this.#heads[slot] ?? NONE;
      this.#heads[slot] = index;
    }
  }

  /** Indices of the records with this name, ascending. */
  *find(name: string): Generator<number> {
    const wanted = Buffer.from(`${name}\0`);
    let index = this.#heads[hashOf(wanted, 0) & (this.#heads.length - 1)] ?? NONE;
    for (; index !== NONE; index = this.#next[index] ?? NONE) {
      if (this.#strings.equals(this.#offsets[index] ?? 0, wanted)) yield index;
    }
  }
}
