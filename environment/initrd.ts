import { closeSync, openSync, readSync, writeSync } from 'node:fs';

import type { BaseImage } from '../initramfs/base';
import { AnonymousFile } from '../src/host/machine/anonymous-file';

const CHUNK_BYTES = 4 * 1024 * 1024;

/** Base and suffix in one file, as a boot loader wants them. The file has no name, so nothing of it outlasts the run. */
export async function writeInitrd(base: BaseImage, suffix: Buffer): Promise<AnonymousFile> {
  const file = new AnonymousFile(base.bytes + suffix.length);
  const from = openSync(base.path, 'r');
  try {
    const buffer = Buffer.allocUnsafe(CHUNK_BYTES);
    for (let length = readSync(from, buffer); length > 0; length = readSync(from, buffer))
      writeAll(file.fd, buffer.subarray(0, length));
    writeAll(file.fd, suffix);
  } finally {
    closeSync(from);
  }
  return file;
}

function writeAll(fd: number, bytes: Buffer): void {
  for (let offset = 0; offset < bytes.length;) offset += writeSync(fd, bytes, offset);
}
