import { closeSync, constants, openSync, statfsSync } from 'node:fs';
import { tmpdir } from 'node:os';

import { HarnessError } from '../../errors';

// Linux's O_TMPFILE (__O_TMPFILE | O_DIRECTORY, include/uapi/asm-generic/fcntl.h); Node does not export it.
const O_TMPFILE = 0o20200000;

const MIB = 1024 * 1024;

/** In memory where that is large enough: containers often have 64 MiB of it. */
export const GUEST_RAM_FOLDERS: readonly string[] = ['/dev/shm', tmpdir()];

/**
 * A file in shared memory that never has a name: whatever way its holders die, nothing is left behind. Other processes get at it through
 * an inherited descriptor.
 */
export class AnonymousFile implements Disposable {
  readonly fd: number;
  readonly #open: number[] = [];

  /** @param sizeBytes what the file may grow to. @throws {HarnessError} `no-space` */
  constructor(sizeBytes: number) {
    this.fd = openIn(GUEST_RAM_FOLDERS, sizeBytes);
    this.#open.push(this.fd);
  }

  /** Path by which this process can open or watch the file again. */
  get path(): string {
    return `/proc/self/fd/${this.fd}`;
  }

  /** Path by which a child of this process can open the file, without inheriting it. */
  get pathForChildren(): string {
    return `/proc/${process.pid}/fd/${this.fd}`;
  }

  /** A second descriptor of its own access mode, closed together with the file. */
  reopen(flags: number): number {
    const fd = openSync(this.path, flags);
    this.#open.push(fd);
    return fd;
  }

  /** Closes each descriptor once, however often it is called: their numbers are soon those of other files. */
  [Symbol.dispose](): void {
    for (const fd of this.#open.splice(0).reverse()) closeSync(fd);
  }
}

function openIn(directories: readonly string[], sizeBytes: number): number {
  const tried: string[] = [];
  for (const directory of directories) {
    try {
      const { bavail, bsize } = statfsSync(directory);
      if (bavail * bsize >= sizeBytes) return openSync(directory, O_TMPFILE | constants.O_RDWR, 0o600);
      tried.push(`${directory} has ${Math.floor((bavail * bsize) / MIB)} MiB`);
    } catch (error) {
      tried.push(`${directory}: ${error instanceof Error ? error.message : String(error)}`);
    }
  }
  throw new HarnessError('no-space', { neededMib: Math.ceil(sizeBytes / MIB), tried });
}
