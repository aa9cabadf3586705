import { type GuestMemory, isRam, outsideRam } from '../../monitor/guest-memory';
import type { Vmm } from '../../native/vmm';

type Range = GuestMemory['ranges'][number];

/** Memory of a machine of this process. */
export class KvmMemory implements GuestMemory {
  readonly sizeBytes: number;
  readonly ranges: readonly Range[];
  readonly #vmm: Vmm;

  constructor(vmm: Vmm, sizeBytes: number) {
    this.#vmm = vmm;
    this.sizeBytes = sizeBytes;
    this.ranges = joined(vmm.ranges().map((range) => ({ gpa: Number(range.gpa), bytes: Number(range.bytes) })));
  }

  read(gpa: number, length: number): Buffer {
    // Before room is made for it: no RAM is that long.
    const buffer = isRam(this.ranges, gpa, length) ? Buffer.alloc(length) : null;
    if (buffer === null || !this.#vmm.read(gpa, buffer)) throw outsideRam('read', this.ranges, { gpa, length });
    return buffer;
  }

  write(gpa: number, data: Buffer): void {
    if (!isRam(this.ranges, gpa, data.length) || !this.#vmm.write(gpa, data))
      throw outsideRam('write', this.ranges, { gpa, length: data.length });
  }
}

/** Nodes of memory lie side by side. */
function joined(ranges: readonly Range[]): Range[] {
  const all: Range[] = [];
  for (const { gpa, bytes } of ranges.toSorted((a, b) => a.gpa - b.gpa)) {
    const last = all.at(-1);
    if (last && last.gpa + last.bytes === gpa) all[all.length - 1] = { gpa: last.gpa, bytes: last.bytes + bytes };
    else all.push({ gpa, bytes });
  }
  return all;
}
