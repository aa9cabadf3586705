import { readSync, writeSync } from 'node:fs';

import { AnonymousFile } from '../anonymous-file';
import type { GuestMemory } from '../machine';

const MIB = 1024 * 1024;
const FOUR_GIB = 0x1_0000_0000;

/** RAM of a QEMU machine: one anonymous file per NUMA node, laid end to end, with a hole below 4 GiB when it does not fit under it. */
export class GuestRam implements GuestMemory, Disposable {
  readonly sizeBytes: number;
  readonly nodes: readonly { file: AnonymousFile; sizeMib: number }[];
  readonly #lowBytes: number;

  /** @param lowLimitBytes where RAM below 4 GiB ends at the latest, a property of the QEMU machine type */
  constructor(nodeSizesMib: readonly number[], lowLimitBytes: number) {
    this.nodes = nodeSizesMib.map((sizeMib) => ({ file: new AnonymousFile(sizeMib * MIB), sizeMib }));
    this.sizeBytes = nodeSizesMib.reduce((sum, size) => sum + size, 0) * MIB;
    this.#lowBytes = Math.min(this.sizeBytes, lowLimitBytes);
  }

  read(gpa: number, length: number): Buffer {
    const start = this.#ramOffset(gpa, length);
    const buffer = Buffer.alloc(length);
    let nodeStart = 0;
    for (const { file, sizeMib } of this.nodes) {
      const nodeEnd = nodeStart + sizeMib * MIB;
      const from = Math.max(start, nodeStart);
      const to = Math.min(start + length, nodeEnd);
      // A short read is a part of the file that was never written: zeroes, which the buffer holds already.
      if (from < to) readSync(file.fd, buffer, from - start, to - from, from - nodeStart);
      nodeStart = nodeEnd;
    }
    return buffer;
  }

  write(gpa: number, data: Buffer): void {
    const start = this.#ramOffset(gpa, data.length);
    let nodeStart = 0;
    for (const { file, sizeMib } of this.nodes) {
      const nodeEnd = nodeStart + sizeMib * MIB;
      const from = Math.max(start, nodeStart);
      const to = Math.min(start + data.length, nodeEnd);
      if (from < to) writeSync(file.fd, data, from - start, to - from, from - nodeStart);
      nodeStart = nodeEnd;
    }
  }

  #ramOffset(gpa: number, length: number): number {
    const highBytes = this.sizeBytes - this.#lowBytes;
    const isLow = gpa >= 0 && gpa + length <= this.#lowBytes;
    const isHigh = gpa >= FOUR_GIB && gpa + length <= FOUR_GIB + highBytes;
    if (!Number.isSafeInteger(gpa) || length < 0 || !(isLow || isHigh)) {
      const high = highBytes > 0 ? ` and [0x100000000, 0x${(FOUR_GIB + highBytes).toString(16)})` : '';
      throw new RangeError(
        `read guest memory: [0x${gpa.toString(16)}, +${length}) is outside RAM, which is [0, 0x${this.#lowBytes.toString(16)})${high}`,
      );
    }
    return isLow ? gpa : gpa - FOUR_GIB + this.#lowBytes;
  }

  [Symbol.dispose](): void {
    for (const { file } of this.nodes) file[Symbol.dispose]();
  }
}
