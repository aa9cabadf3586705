/** A write to what a watchpoint watches. */
export interface WatchHit {
  vcpu: number;
  slot: number;
  /** Behind the instruction that wrote. */
  rip: bigint;
  /** What the watchpoint watches. */
  address: bigint;
  /** The machine pauses on it. */
  pauses: boolean;
}

/** Size of `struct vmm_hit` of native/abi/vmm.h. */
export const HIT_BYTES = 32;

/** The whole records in what the library appended to `hits_fd`, in order. */
export function decodeHits(bytes: Buffer): WatchHit[] {
  return Array.from({ length: Math.floor(bytes.length / HIT_BYTES) }, (_, index) => {
    const at = index * HIT_BYTES;
    return {
      vcpu: bytes.readUInt32LE(at + 16),
      slot: bytes.readUInt32LE(at + 20),
      rip: bytes.readBigUInt64LE(at),
      address: bytes.readBigUInt64LE(at + 8),
      pauses: bytes.readUInt32LE(at + 24) !== 0,
    };
  });
}
