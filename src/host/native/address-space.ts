import { MONITOR_NO_FD, MONITOR_STRUCTURES } from './monitor-layout';
import { structureCodec } from './structure-codec';

/** Guest RAM in a file, or in memory of this process. All of it whole pages. */
export type RamRange =
  { gpa: number; bytes: number; fd: number; fileOffset: number } | { gpa: number; bytes: number; address: bigint };

/** How the kernel's addresses lead to guest-physical ones. */
export interface AddressSpace {
  /** Of the topmost page table. */
  rootGpa: bigint;
  levels: 4 | 5;
  /** Addresses at a constant distance from guest-physical ones, at most four; others go through the page tables. */
  windows: readonly { kva: bigint; bytes: bigint; gpa: bigint }[];
  /** How long a sampler trusts a translation by page tables. */
  tlbMs: number;
}

const RANGE = structureCodec(MONITOR_STRUCTURES.monitor_range);
const WINDOW = structureCodec(MONITOR_STRUCTURES.monitor_window);

export function encodeRanges(ranges: readonly RamRange[]): Buffer {
  return RANGE.encode(ranges.map(rangeRecord));
}

export function encodeWindows(space: AddressSpace): Buffer {
  return WINDOW.encode([...space.windows]);
}

function rangeRecord(range: RamRange): Parameters<typeof RANGE.encode>[0][number] {
  const { gpa, bytes } = range;
  const file = 'fd' in range ? range : { fd: MONITOR_NO_FD, fileOffset: 0 };
  const address = 'fd' in range ? 0n : range.address;
  return { gpa, bytes, file_offset: file.fileOffset, address, fd: file.fd, reserved: 0 };
}
