import { type MapAt, type MapElement, u32 } from './map-element';

/** One element: the struct as the kernel calls it, behind what it counts of its users. */
export function* structOpsElements({ kernel, address }: MapAt): Generator<MapElement> {
  const value = kernel.object('bpf_struct_ops_map', address).get('kvalue').address;
  yield { key: u32(0), addresses: [value] };
}
