import { HarnessError } from '../../../errors';
import { member } from '../btf/layout';
import type { Kernel } from '../kernel/kernel';

/** Chosen above what a map of a million elements has. */
const MAX_BUCKETS = 1 << 21;
const MAX_NODES = 1_100_000;
const BUCKETS_AT_A_TIME = 4096;

export interface Buckets {
  /** Of the first one. */
  address: bigint;
  count: number;
  /** Name of a struct. */
  type: string;
  /** Path of the pointer to the first node in it. */
  first: string;
}

/**
 * The addresses of all nodes (struct hlist_node or hlist_nulls_node) behind a table of buckets. A chain ends with a null pointer, or one
 * whose lowest bit is set; when it is being changed it may lead astray, and ends at a node that was seen before or lies nowhere.
 * @throws HarnessError `decode` when there are too many buckets, `guest-memory`
 */
export function* chainedNodes(kernel: Kernel, { address, count, type, first }: Buckets): Generator<bigint> {
  const { offsetBytes } = member(kernel.btf, type, first);
  const size = kernel.btf.sizeOf(kernel.btf.struct(type).id);
  if (count > MAX_BUCKETS)
    throw new HarnessError('decode', { what: 'a BPF map', at: 'its buckets', problem: `there are ${count}` });
  const seen = new Set<bigint>();
  for (let bucket = 0; bucket < count; bucket += BUCKETS_AT_A_TIME) {
    const now = Math.min(BUCKETS_AT_A_TIME, count - bucket);
    const bytes = kernel.memory.read(address + BigInt(bucket * size), now * size);
    for (let at = offsetBytes; at < bytes.length; at += size) yield* chain(kernel, bytes.readBigUInt64LE(at), seen);
  }
}

function* chain(kernel: Kernel, first: bigint, seen: Set<bigint>): Generator<bigint> {
  for (let node = first; node !== 0n && (node & 1n) === 0n; node = kernel.memory.readU64(node)) {
    if (seen.has(node) || seen.size >= MAX_NODES || kernel.memory.translate(node) === null) return;
    seen.add(node);
    yield node;
  }
}
