import { type MapAt, type MapElement, perCpuAddresses, roundedUp, u32 } from './map-element';

const POINTER_BYTES = 8;

/** Values lie one behind the other, also those of a map that programs of user space map. */
export function arrayElement({ kernel, address, valueSize }: MapAt, index: number): MapElement {
  const values = kernel.object('bpf_array', address).get('value').address;
  return { key: u32(index), addresses: [values + BigInt(index * roundedUp(valueSize))] };
}

/** For each index a pointer to per-CPU memory. */
export function perCpuArrayElement({ kernel, address }: MapAt, index: number): MapElement {
  const pointers = kernel.object('bpf_array', address).get('pptrs').address;
  const pointer = kernel.memory.readU64(pointers + BigInt(index * POINTER_BYTES));
  return { key: u32(index), addresses: perCpuAddresses(kernel, pointer) };
}
