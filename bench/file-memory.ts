import { readSync } from 'node:fs';

import { type GuestMemory, isRam, outsideRam } from '../src/host/monitor/guest-memory';

/** Where a range of RAM lies in a file. */
export interface FileRange {
  gpa: number;
  bytes: number;
  fd: number;
  fileOffset: number;
}

/** A guest's RAM by plain data, so that another thread can be told of it. Read only. */
export class FileMemory implements GuestMemory {
  readonly ranges: GuestMemory['ranges'];
  readonly sizeBytes: number;
  readonly #files: readonly FileRange[];

  constructor(files: readonly FileRange[]) {
    this.#files = files;
    this.ranges = files;
    this.sizeBytes = files.reduce((sum, { bytes }) => sum + bytes, 0);
  }

  read(gpa: number, length: number): Buffer {
    const file = this.#files.find((range) => isRam([range], gpa, length));
    if (file === undefined) throw outsideRam('read', this.ranges, { gpa, length });
    const buffer = Buffer.alloc(length);
    // A short read is a part of the file that was never written: zeroes, which the buffer holds already.
    readSync(file.fd, buffer, 0, length, file.fileOffset + gpa - file.gpa);
    return buffer;
  }

  write(): never {
    throw new TypeError('write guest memory: it is open for reading only');
  }
}
