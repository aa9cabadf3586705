import { HarnessError } from '../../../errors';
import type { Kernel } from '../kernel/kernel';
import { hashSlots } from './hash-map';
import { type MapAt, type MapElement, u32 } from './map-element';

const POINTER_BYTES = 8;
/** Chosen above what a map of a million elements has. */
const MAX_SLOTS = 1_100_000;

/** What it holds is a map, of which user space is told the id. */
export function* arrayOfMapsElements({ kernel, address, maxEntries }: MapAt): Generator<MapElement> {
  if (maxEntries > MAX_SLOTS)
    throw new HarnessError('decode', { what: 'a BPF map', at: 'its slots', problem: `there are ${maxEntries}` });
  const pointers = kernel.object('bpf_array', address).get('ptrs').address;
  for (let index = 0; index < maxEntries; index++) {
    const inner = idOf(kernel, kernel.memory.readU64(pointers + BigInt(index * POINTER_BYTES)));
    if (inner !== null) yield { key: u32(index), addresses: [inner] };
  }
}

/** Likewise. */
export function* hashOfMapsElements(map: MapAt): Generator<MapElement> {
  for (const { key, behindKey } of hashSlots(map)) {
    const inner = idOf(map.kernel, map.kernel.memory.readU64(behindKey));
    if (inner !== null) yield { key, addresses: [inner] };
  }
}

/** Where the id of a map is; null when there is none. */
function idOf(kernel: Kernel, map: bigint): bigint | null {
  return map === 0n ? null : kernel.object('bpf_map', map).get('id').address;
}
