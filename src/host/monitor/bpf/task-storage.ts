import { HarnessError } from '../../../errors';
import { chainedNodes } from './buckets';
import { type MapAt, type MapElement, u32 } from './map-element';

/** The kernel takes 6 at the most on 64 CPUs; it doubles with them. */
const MAX_BUCKET_BITS = 16;

/** What programs keep of tasks. User space gives a pidfd as the key; here it is the pid. */
export function* taskStorageElements({ kernel, address }: MapAt): Generator<MapElement> {
  const table = kernel.object('bpf_local_storage_map', address);
  const bits = table.get('bucket_log').number();
  if (bits > MAX_BUCKET_BITS)
    throw new HarnessError('decode', { what: 'a BPF map', at: 'its buckets', problem: `there are 2^${bits}` });
  const type = 'bpf_local_storage_map_bucket';
  const buckets = { address: table.get('buckets').big(), count: 2 ** bits, type, first: 'list.first' };
  const link = kernel.object('bpf_local_storage_elem', 0n).get('map_node').address;
  for (const node of chainedNodes(kernel, buckets)) {
    const element = kernel.object('bpf_local_storage_elem', node - link);
    const storage = element.get('local_storage').big();
    const owner = storage === 0n ? 0n : element.get('local_storage.owner').big();
    // It is being freed.
    if (owner === 0n) continue;
    const pid = kernel.object('task_struct', owner).get('pid').number();
    yield { key: u32(pid), addresses: [element.get('sdata.data').address] };
  }
}
