import type { Kernel } from '../kernel/kernel';
import type { KernelObject } from '../kernel/kernel-object';
import { enumName } from './enum-name';

/** What the kernel knows of a BPF map, whatever is in it. */
export interface BpfMapFacts {
  id: number;
  /** At most 15 characters; a scheduler's variables are in maps like `scx_ktst.bss`. */
  name: string;
  /** As bpftool says it, e.g. `percpu_array`. */
  type: string;
  keySize: number;
  valueSize: number;
  maxEntries: number;
  flags: number;
}

/** @param map a struct bpf_map */
export function mapFacts(kernel: Kernel, map: KernelObject): BpfMapFacts {
  const number = (path: string): number => map.get(path).number();
  return {
    id: number('id'),
    name: map.get('name').text(),
    type: enumName(kernel.btf, { type: 'bpf_map_type', prefix: 'BPF_MAP_TYPE_', value: map.get('map_type').big() }),
    keySize: number('key_size'),
    valueSize: number('value_size'),
    maxEntries: number('max_entries'),
    flags: number('map_flags'),
  };
}
