import { readSync, writeSync } from 'node:fs';

import { type GuestMemory, isRam, outsideRam } from '../../monitor/guest-memory';
import { AnonymousFile } from '../anonymous-file';

const MIB = 1024 * 1024;
const FOUR_GIB = 0x1_0000_0000;

/** RAM of a QEMU machine: one anonymous file per NUMA node, laid end to end, with a hole below 4 GiB when it does not fit under it. */
export class GuestRam implements GuestMemory, Disposable {
  readonly sizeBytes: number;
  readonly nodes: readonly { file: AnonymousFile; sizeMib: number }[];
  readonly ranges: readonly { gpa: number; bytes: number }[];
  readonly #lowBytes: number;

  /** @param lowLimitBytes where RAM below 4 GiB ends at the latest, a property of the QEMU machine type */
  constructor(nodeSizesMib: readonly number[], lowLimitBytes: number) {
    this.nodes = nodeSizesMib.map((sizeMib) => ({ file: new AnonymousFile(sizeMib * MIB), sizeMib }));
    this.sizeBytes = nodeSizesMib.reduce((sum, size) => sum + size, 0) * MIB;
    this.#lowBytes = Math.min(this.sizeBytes, lowLimitBytes);
    const low = { gpa: 0, bytes: this.#lowBytes };
    const highBytes = this.sizeBytes - this.#lowBytes;
    this.ranges = highBytes > 0 ? [low, { gpa: FOUR_GIB, bytes: highBytes }] : [low];
  }

  /** Where each range is: part of the file of a node. */
  get fileRanges(): readonly { gpa: number; bytes: number; node: number; fd: number; fileOffset: number }[] {
    return this.ranges.flatMap((range) =>
      [...this.#parts(range.gpa, range.bytes)].map(({ node, fd, offset, length, position }) => ({
        ...{ gpa: range.gpa + offset, bytes: length },
        ...{ node, fd, fileOffset: position },
      })),
    );
  }

  read(gpa: number, length: number): Buffer {
    if (!isRam(this.ranges, gpa, length)) throw outsideRam('read', this.ranges, { gpa, length });
    const buffer = Buffer.alloc(length);
    // A short read is a part of the file that was never written: zeroes, which the buffer holds already.
    for (const part of this.#parts(gpa, length)) readSync(part.fd, buffer, part.offset, part.length, part.position);
    return buffer;
  }

  write(gpa: number, data: Buffer): void {
    if (!isRam(this.ranges, gpa, data.length)) throw outsideRam('write', this.ranges, { gpa, length: data.length });
    for (const part of this.#parts(gpa, data.length)) writeSync(part.fd, data, part.offset, part.length, part.position);
  }

  /** The files that hold a range. `offset` counts from the start of the range, `position` from that of the file. */
  *#parts(
    gpa: number,
    length: number,
  ): Generator<{ node: number; fd: number; offset: number; length: number; position: number }> {
    const start = gpa < this.#lowBytes ? gpa : gpa - FOUR_GIB + this.#lowBytes;
    let nodeStart = 0;
    for (const [node, { file, sizeMib }] of this.nodes.entries()) {
      const from = Math.max(start, nodeStart);
      const to = Math.min(start + length, nodeStart + sizeMib * MIB);
      if (from < to) yield { node, fd: file.fd, offset: from - start, length: to - from, position: from - nodeStart };
      nodeStart += sizeMib * MIB;
    }
  }

  [Symbol.dispose](): void {
    for (const { file } of this.nodes) file[Symbol.dispose]();
  }
}
