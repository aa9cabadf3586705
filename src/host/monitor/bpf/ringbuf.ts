import { hasMember } from '../btf/layout';
import type { Kernel } from '../kernel/kernel';

/** How far a ring buffer was written and read. Positions count bytes since the start. */
export interface BpfRingbuf {
  sizeBytes: number;
  consumerPosition: bigint;
  producerPosition: bigint;
  /** The first record that is not finished; null for a kernel that does not keep it. */
  pendingPosition: bigint | null;
}

/** @param address of a struct bpf_ringbuf_map */
export function readRingbuf(kernel: Kernel, address: bigint): BpfRingbuf {
  const ring = kernel.object('bpf_ringbuf_map', address).get('rb').target();
  const hasPending = hasMember(kernel.btf, 'bpf_ringbuf', 'pending_pos');
  return {
    sizeBytes: ring.get('mask').number() + 1,
    consumerPosition: ring.get('consumer_pos').big(),
    producerPosition: ring.get('producer_pos').big(),
    pendingPosition: hasPending ? ring.get('pending_pos').big() : null,
  };
}
