import type { GuestMapFacts } from '../../../verdict/monitor/guest-view';
import type { Kernel } from '../kernel/kernel';
import type { KernelObject } from '../kernel/kernel-object';
import { enumName } from './enum-name';

/** @param map a struct bpf_map */
export function mapFacts(kernel: Kernel, map: KernelObject): GuestMapFacts {
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
