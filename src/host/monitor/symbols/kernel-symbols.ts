import { HarnessError } from '../../../errors';
import { symbolAddress, type Kallsyms } from './kallsyms';

/** A symbol by an address in or behind it. */
export interface SymbolAt {
  name: string;
  offset: bigint;
}

/** Further than this from a symbol, an address belongs to something that has none. */
const MAX_DISTANCE = 16n * 1024n * 1024n;

/** Of each place in the order of addresses, the symbol that is there. */
type Order = (place: number) => number;

/** Names and addresses of one booted kernel. */
export class KernelSymbols {
  readonly #kallsyms: Kallsyms;
  readonly #base: bigint;
  #order: Order | undefined;

  /** @param base content of `kallsyms_relative_base` */
  constructor(kallsyms: Kallsyms, base: bigint) {
    this.#kallsyms = kallsyms;
    this.#base = base;
  }

  get size(): number {
    return this.#kallsyms.names.size;
  }

  /** Address of the first symbol of that name; of a per-CPU variable its offset from the per-CPU base. */
  find(name: string): bigint | undefined {
    const index = this.#kallsyms.names.find(name);
    return index === undefined ? undefined : this.#addressOf(index);
  }

  /** @throws {HarnessError} `symbol-unknown` */
  need(name: string): bigint {
    const address = this.find(name);
    if (address === undefined) throw new HarnessError('symbol-unknown', { symbol: name });
    return address;
  }

  /** The nearest symbol at or below an address, of several the first; null far from every symbol. */
  at(address: bigint): SymbolAt | null {
    this.#order ??= orderByAddress(this.#kallsyms);
    const nearest = this.#countBelow(address + 1n, this.#order) - 1;
    if (nearest < 0) return null;
    const start = this.#addressOf(this.#order(nearest));
    if (address - start > MAX_DISTANCE) return null;
    const first = this.#countBelow(start, this.#order);
    return { name: this.#kallsyms.names.text(this.#order(first)), offset: address - start };
  }

  #countBelow(address: bigint, order: Order): number {
    let low = 0;
    let high = this.size;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.#addressOf(order(middle)) < address) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  #addressOf(index: number): bigint {
    return symbolAddress(this.#kallsyms, index, this.#base);
  }
}

/** The kernel's build sorts the table; one that is not sorted is, here. */
function orderByAddress({ offsets, hasAbsolutes }: Kallsyms): Order {
  const key = (index: number): number => sortKey(offsets[index] ?? 0, hasAbsolutes);
  let isSorted = true;
  for (let index = 1; index < offsets.length && isSorted; index++) isSorted = key(index - 1) <= key(index);
  if (isSorted) return (place) => place;
  const indexes = Uint32Array.from(offsets, (_, index) => index).sort((a, b) => key(a) - key(b) || a - b);
  return (place) => indexes[place] ?? place;
}

/** In the order of addresses: absolute ones are small, others are in the kernel's half. */
function sortKey(offset: number, hasAbsolutes: boolean): number {
  if (!hasAbsolutes) return offset >>> 0;
  return offset >= 0 ? offset - 2 ** 31 : -offset;
}
