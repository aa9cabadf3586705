import { HarnessError } from '../../../errors';

/** The parts of kallsyms that are names: what `Kallsyms` says of their format. */
export interface NameTables {
  /** Records, one behind the other. */
  records: Buffer;
  count: number;
  /** 256 texts. */
  tokens: readonly string[];
}

const TWO_BYTE_LENGTH = 0x80;
/** KSYM_NAME_LEN of include/linux/kallsyms.h. */
const MAX_NAME_BYTES = 512;
const NONE = -1;
/** Of the polynomial: the prime of FNV-1a, so that a letter reaches the upper bits. */
const BASE = 0x01000193;

/** Names of a kernel's symbols, compressed as they are in its memory: there are 150,000, of which few are ever asked for. */
export class SymbolNames {
  readonly size: number;
  readonly #records: Buffer;
  /** Where the tokens of each record begin, and how many there are. */
  readonly #starts: Uint32Array;
  readonly #lengths: Uint16Array;
  readonly #tokens: readonly string[];
  #index: { heads: Int32Array; next: Int32Array } | undefined;

  /** @throws {HarnessError} `decode` when a record is empty or cut off */
  constructor({ records, count, tokens }: NameTables) {
    this.size = count;
    this.#records = records;
    this.#tokens = tokens;
    this.#starts = new Uint32Array(count);
    this.#lengths = new Uint16Array(count);
    let at = 0;
    for (let symbol = 0; symbol < count; symbol++) {
      let length = records[at++] ?? 0;
      if (length >= TWO_BYTE_LENGTH) length = (length - TWO_BYTE_LENGTH) | ((records[at++] ?? 0) << 7);
      if (length === 0 || at + length > records.length)
        throw refused(`symbol ${symbol} of ${count} has ${length} tokens at byte ${at} of ${records.length}`);
      this.#starts[symbol] = at;
      this.#lengths[symbol] = length;
      at += length;
    }
  }

  /** @throws {HarnessError} `decode` for a name that is longer than any */
  text(symbol: number): string {
    const start = this.#starts[symbol];
    if (start === undefined) throw new RangeError(`symbol ${symbol}: there are ${this.size}`);
    let text = '';
    for (let at = start; at < start + (this.#lengths[symbol] ?? 0); at++) {
      text += this.#tokens[this.#records[at] ?? 0];
      if (text.length > MAX_NAME_BYTES + 1) throw refused(`symbol ${symbol} is longer than ${MAX_NAME_BYTES} bytes`);
    }
    return text.slice(1);
  }

  /** The first symbol of a name. @throws {HarnessError} `decode` */
  find(name: string): number | undefined {
    const { heads, next } = (this.#index ??= this.#makeIndex());
    const hash = hashOf(name);
    let symbol = heads[hash & (heads.length - 1)] ?? NONE;
    for (; symbol !== NONE; symbol = next[symbol] ?? NONE) if (this.text(symbol) === name) return symbol;
    return undefined;
  }

  /** A hash table with a chain per slot. */
  #makeIndex(): { heads: Int32Array; next: Int32Array } {
    const heads = new Int32Array(2 ** Math.ceil(Math.log2(this.size + 1))).fill(NONE);
    const next = new Int32Array(this.size);
    const hash = recordHasher(this.#records, this.#tokens);
    const mask = heads.length - 1;
    // From the last one, so that every chain ascends.
    for (let symbol = this.size - 1; symbol >= 0; symbol--) {
      const slot = hash(this.#starts[symbol] ?? 0, this.#lengths[symbol] ?? 0) & mask;
      next[symbol] = heads[slot] ?? NONE;
      heads[slot] = symbol;
    }
    return { heads, next };
  }
}

/**
 * The hash of a text is that of a polynomial: what is behind it adds to the hash times a power. So that of a record is made from those of its
 * tokens. Equal to `hashOf` of its name, which is its text but for the first letter.
 */
function recordHasher(records: Buffer, tokens: readonly string[]): (start: number, length: number) => number {
  const hashes = Uint32Array.from(tokens, (token) => polynomial(token, 0));
  const powers = Uint32Array.from(tokens, (token) => power(token.length));
  const tails = Uint32Array.from(tokens, (token) => polynomial(token, 1));
  return (start, length) => {
    let at = start;
    const end = start + length;
    // The letter for the kind is the first one of the first token that has any.
    while (at < end && tokens[records[at] ?? 0] === '') at++;
    let hash = at < end ? (tails[records[at] ?? 0] ?? 0) : 0;
    for (at++; at < end; at++) {
      const token = records[at] ?? 0;
      hash = (Math.imul(hash, powers[token] ?? 0) + (hashes[token] ?? 0)) | 0;
    }
    return mixed(hash);
  };
}

function hashOf(name: string): number {
  return mixed(polynomial(name, 0));
}

function polynomial(text: string, from: number): number {
  let hash = 0;
  for (let at = from; at < text.length; at++) hash = (Math.imul(hash, BASE) + text.charCodeAt(at)) | 0;
  return hash;
}

function power(exponent: number): number {
  let result = 1;
  for (let done = 0; done < exponent; done++) result = Math.imul(result, BASE);
  return result;
}

/** The lower bits, which pick a slot, have something of all. */
function mixed(hash: number): number {
  return (hash ^ (hash >>> 15)) >>> 0;
}

function refused(problem: string): HarnessError {
  return new HarnessError('decode', { what: 'kallsyms', at: 'kallsyms_names', problem });
}
