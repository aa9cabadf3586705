import { member } from '../btf/layout';
import { KernelObject, type TypedMemory } from '../kernel/kernel-object';

/** What an IDR holds under an id. */
export interface IdrEntry {
  id: number;
  address: bigint;
}

/** Ids are positive ints. */
const ID_BITS = 31;
/** Chosen: ids are given in turn, so that objects which stay may have a node each; there are some hundreds. */
const MAX_NODES = 4096;
const POINTER_BYTES = 8n;
/** The two low bits of an entry (include/linux/xarray.h): 10 for the kernel's own, of which those above 4096 point to nodes. */
const KIND = 3n;
const POINTER = 0n;
const INTERNAL = 2n;
const LAST_MARKER = 4096n;

/**
 * The objects of an IDR (include/linux/idr.h), which is an xarray, by rising id. One that is being changed, or is wrong, may lead astray: what
 * cannot be a node is passed over, and no node is entered twice.
 */
export function* idrEntries(from: TypedMemory, idr: KernelObject): Generator<IdrEntry> {
  const head = idr.get('idr_rt.xa_head').big();
  const base = idr.get('idr_base').number();
  for (const { index, entry } of new XArrayWalk(from).below(head)) yield { id: base + index, address: entry };
}

class XArrayWalk {
  readonly #from: TypedMemory;
  readonly #node: number;
  readonly #slots: { offset: bigint; count: number };
  readonly #seen = new Set<bigint>();

  constructor(from: TypedMemory) {
    this.#from = from;
    this.#node = from.btf.struct('xa_node').id;
    const slots = member(from.btf, this.#node, 'slots');
    this.#slots = { offset: BigInt(slots.offsetBytes), count: slots.sizeBytes / Number(POINTER_BYTES) };
  }

  *below(entry: bigint, index = 0, above = ID_BITS): Generator<{ index: number; entry: bigint }> {
    if ((entry & KIND) === POINTER && entry !== 0n) yield { index, entry };
    if ((entry & KIND) !== INTERNAL || entry <= LAST_MARKER) return;
    const address = entry - INTERNAL;
    if (this.#seen.has(address) || this.#seen.size >= MAX_NODES || !this.#isThere(address)) return;
    this.#seen.add(address);
    const node = new KernelObject(this.#from, { address, type: this.#node });
    const shift = node.get('shift').number();
    // Deeper nodes tell lower bits of the index apart.
    if (shift >= above) return;
    const slots = this.#from.memory.read(address + this.#slots.offset, this.#slots.count * Number(POINTER_BYTES));
    for (let slot = 0; slot < this.#slots.count; slot++)
      yield* this.below(slots.readBigUInt64LE(slot * Number(POINTER_BYTES)), index + slot * 2 ** shift, shift);
  }

  /** From its first byte to its last. */
  #isThere(address: bigint): boolean {
    const last = address + BigInt(this.#from.btf.sizeOf(this.#node) - 1);
    return [address, last].every((at) => this.#from.memory.translate(at) !== null);
  }
}
