import { type GuestMemory, isRam, outsideRam } from '../../monitor/guest-memory';
import type { Vmm } from '../../native/vmm';

/** The hole for devices below 4 GiB: native/vmm/memory.h. */
const LOW_LIMIT = 0xc000_0000;
const HIGH_START = 0x1_0000_0000;

/** RAM of a machine in this process. */
export class VmmMemory implements GuestMemory {
  readonly sizeBytes: number;
  readonly ranges: readonly { gpa: number; bytes: number }[];
  readonly #vmm: Vmm;

  constructor(vmm: Vmm, sizeBytes: number) {
    this.#vmm = vmm;
    this.sizeBytes = sizeBytes;
    const low = { gpa: 0, bytes: Math.min(sizeBytes, LOW_LIMIT) };
    this.ranges = sizeBytes > LOW_LIMIT ? [low, { gpa: HIGH_START, bytes: sizeBytes - LOW_LIMIT }] : [low];
  }

  read(gpa: number, length: number): Buffer {
    const buffer = isRam(this.ranges, gpa, length) ? Buffer.alloc(length) : null;
    if (buffer === null || !this.#vmm.read(gpa, buffer)) throw outsideRam('read', this.ranges, { gpa, length });
    return buffer;
  }

  write(gpa: number, data: Buffer): void {
    if (!isRam(this.ranges, gpa, data.length) || !this.#vmm.write(gpa, data))
      throw outsideRam('write', this.ranges, { gpa, length: data.length });
  }
}
