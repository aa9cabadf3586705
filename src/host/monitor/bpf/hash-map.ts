import { chainedNodes } from './buckets';
import { type MapAt, type MapElement, perCpuAddresses, roundedUp } from './map-element';

/** Of plain and LRU hashes; the value is behind the key. */
export function* hashElements(map: MapAt): Generator<MapElement> {
  for (const { key, behindKey } of hashSlots(map)) yield { key, addresses: [behindKey] };
}

/** Behind the key is a pointer to per-CPU memory. */
export function* perCpuHashElements(map: MapAt): Generator<MapElement> {
  const { kernel } = map;
  for (const { key, behindKey } of hashSlots(map))
    yield { key, addresses: perCpuAddresses(kernel, kernel.memory.readU64(behindKey)) };
}

/** Of all kinds of hashes; what is behind the key differs. */
export function* hashSlots({ kernel, address, keySize }: MapAt): Generator<{ key: Buffer; behindKey: bigint }> {
  const table = kernel.object('bpf_htab', address);
  const buckets = { address: table.get('buckets').big(), count: table.get('n_buckets').number() };
  // The link to the next one is what an element begins with.
  const keyAt = kernel.object('htab_elem', 0n).get('key').address;
  for (const node of chainedNodes(kernel, { ...buckets, type: 'bucket', first: 'head.first' })) {
    const key = node + keyAt;
    yield { key: kernel.memory.read(key, keySize), behindKey: key + BigInt(roundedUp(keySize)) };
  }
}
