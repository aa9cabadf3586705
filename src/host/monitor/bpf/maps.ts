import type { Kernel } from '../kernel/kernel';
import { BpfMap } from './bpf-map';
import { idrEntries } from './idr';
import { LoadedBtf } from './loaded-btf';
import { mapFacts } from './map-facts';
import { onlyOne } from './only-one';

/** The BPF maps of a guest, by rising id. */
export function maps(kernel: Kernel): BpfMap[] {
  // What a program has left behind may be mapped anew.
  kernel.memory.forget();
  const loaded = new LoadedBtf(kernel);
  const found: BpfMap[] = [];
  for (const { id, address } of idrEntries(kernel, kernel.global('map_idr', 'idr'))) {
    if (kernel.memory.translate(address) === null) continue;
    const object = kernel.object('bpf_map', address);
    const facts = mapFacts(kernel, object);
    // One that is being made, or is gone, has another id than its place.
    if (facts.id === id) found.push(new BpfMap(kernel, { object, facts, loaded }));
  }
  return found;
}

/**
 * The BPF map of a name, or of an id, as names need not be unique.
 * @throws HarnessError `bpf-unknown` with what there is when it is none, or several
 */
export function map(kernel: Kernel, nameOrId: string | number): BpfMap {
  return onlyOne(maps(kernel), {
    what: 'map',
    wanted: nameOrId,
    nameOf: ({ name }) => name,
    idOf: ({ facts }) => facts.id,
    tell: ({ facts }) => `${facts.name} (id ${facts.id})`,
    remedy: 'give an id',
  });
}
