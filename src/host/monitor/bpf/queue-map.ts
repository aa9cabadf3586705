import { HarnessError } from '../../../errors';
import type { MapAt, MapElement } from './map-element';

/** They have no keys. */
const NO_KEY = Buffer.alloc(0);
/** Chosen above what a map of a million elements has. */
const MAX_SLOTS = 1_100_000;

/** Of a queue, the oldest first: in the order in which they would be taken. */
export function* queueElements(map: MapAt): Generator<MapElement> {
  for (const address of slotsOf(map)) yield { key: NO_KEY, addresses: [address] };
}

/** Of a stack, the youngest first, likewise. */
export function* stackElements(map: MapAt): Generator<MapElement> {
  for (const address of slotsOf(map).toReversed()) yield { key: NO_KEY, addresses: [address] };
}

/** A ring with one slot more than there may be elements, of which those from tail to head are in use: kernel/bpf/queue_stack_maps.c. */
function slotsOf({ kernel, address, valueSize }: MapAt): bigint[] {
  const ring = kernel.object('bpf_queue_stack', address);
  const [head, tail, size] = ['head', 'tail', 'size'].map((name) => ring.get(name).number()) as [
    number,
    number,
    number,
  ];
  if (size === 0 || size > MAX_SLOTS || head >= size || tail >= size) {
    const problem = `head ${head}, tail ${tail} of ${size} slots`;
    throw new HarnessError('decode', { what: 'a BPF map', at: 'its slots', problem });
  }
  const start = ring.get('elements').address;
  const count = (head - tail + size) % size;
  const slot = (index: number): bigint => start + BigInt(((tail + index) % size) * valueSize);
  return Array.from({ length: count }, (_, index) => slot(index));
}
