import { HarnessError } from '../../../errors';
import { symbolAddress, type Kallsyms } from './kallsyms';

/** A symbol by an address in or behind it. */
export interface SymbolAt {
  name: string;
  offset: bigint;
}

/** Further than this from a symbol, an address belongs to something that has none. */
const MAX_DISTANCE = 16n * 1024n * 1024n;

/** Names and addresses of one booted kernel. */
export class KernelSymbols {
  readonly #kallsyms: Kallsyms;
  readonly #base: bigint;
  #indexes: Map<string, number> | undefined;
  #byAddress: { addresses: BigUint64Array; indexes: Uint32Array } | undefined;

  /** @param base content of `kallsyms_relative_base` */
  constructor(kallsyms: Kallsyms, base: bigint) {
    this.#kallsyms = kallsyms;
    this.#base = base;
  }

  get size(): number {
    return this.#kallsyms.names.length;
  }

  /** Address of the first symbol of that name; of a per-CPU variable its offset from the per-CPU base. */
  find(name: string): bigint | undefined {
    this.#indexes ??= indexesOf(this.#kallsyms.names);
    const index = this.#indexes.get(name);
    return index === undefined ? undefined : this.#addressOf(index);
  }

  /** @throws {HarnessError} `symbol-unknown` */
  need(name: string): bigint {
    const address = this.find(name);
    if (address === undefined) throw new HarnessError('symbol-unknown', { symbol: name });
    return address;
  }

  /** The nearest symbol at or below an address; null far from every symbol. */
  at(address: bigint): SymbolAt | null {
    this.#byAddress ??= this.#sort();
    const { addresses, indexes } = this.#byAddress;
    let low = 0;
    let high = addresses.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((addresses[middle] ?? 0n) <= address) low = middle + 1;
      else high = middle;
    }
    const start = addresses[low - 1];
    const name = this.#kallsyms.names[indexes[low - 1] ?? -1];
    if (start === undefined || name === undefined || address - start > MAX_DISTANCE) return null;
    return { name, offset: address - start };
  }

  #addressOf(index: number): bigint {
    return symbolAddress(this.#kallsyms, index, this.#base);
  }

  #sort(): { addresses: BigUint64Array; indexes: Uint32Array } {
    const indexes = Uint32Array.from({ length: this.size }, (_, index) => index);
    const all = BigUint64Array.from({ length: this.size }, (_, index) => this.#addressOf(index));
    // The table is in the order of addresses but for per-CPU offsets; of symbols that share one, the first is kept in front.
    const compare = (a: number, b: number): number => {
      const difference = (all[a] ?? 0n) - (all[b] ?? 0n);
      return difference === 0n ? b - a : difference < 0n ? -1 : 1;
    };
    indexes.sort(compare);
    return { addresses: BigUint64Array.from(indexes, (index) => all[index] ?? 0n), indexes };
  }
}

function indexesOf(names: readonly string[]): Map<string, number> {
  const indexes = new Map<string, number>();
  names.forEach((name, index) => {
    if (!indexes.has(name)) indexes.set(name, index);
  });
  return indexes;
}
