import type { Vmm } from '../../native/vmm';
import type { GuestMemory } from '../machine';

/** Memory of a machine of this process. */
export class KvmMemory implements GuestMemory {
  readonly sizeBytes: number;
  readonly #vmm: Vmm;

  constructor(vmm: Vmm, sizeBytes: number) {
    this.#vmm = vmm;
    this.sizeBytes = sizeBytes;
  }

  read(gpa: number, length: number): Buffer {
    // Before room is made for it: no RAM is that long.
    if (!isAddress(gpa) || !isAddress(length) || length > this.sizeBytes) throw outside('read', gpa, length);
    const buffer = Buffer.alloc(length);
    if (!this.#vmm.read(gpa, buffer)) throw outside('read', gpa, length);
    return buffer;
  }

  write(gpa: number, data: Buffer): void {
    if (!isAddress(gpa) || !this.#vmm.write(gpa, data)) throw outside('write', gpa, data.length);
  }
}

function isAddress(value: number): boolean {
  return Number.isSafeInteger(value) && value >= 0;
}

function outside(what: string, gpa: number, length: number): RangeError {
  return new RangeError(`${what} guest memory: [0x${gpa.toString(16)}, +${length}) is outside RAM`);
}
