import { createHash } from 'node:crypto';
import { cpioArchive } from './cpio';
import type { ImageEntry } from './image-entry';

export interface SuffixImage {
  /** A whole archive, which the kernel unpacks over the base that it follows. */
  archive: Buffer;
  /** In hexadecimal. */
  sha256: string;
}

/**
 * The small part of a guest image, which is another one for each test.
 * @throws HarnessError `image-entry-invalid` or `image-source-unreadable`
 */
export function buildSuffix(entries: readonly ImageEntry[]): SuffixImage {
  const archive = cpioArchive(entries);
  return { archive, sha256: createHash('sha256').update(archive).digest('hex') };
}
