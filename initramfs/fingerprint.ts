import { createHash } from 'node:crypto';
import { closeSync, readFileSync } from 'node:fs';
import type { ImageEntry } from './image-entry';
import { openSource } from './image-source';

/** Reading this much is cheaper than a needless build, and content, unlike times, survives a new installation of the same file. */
const HASHED_UP_TO_BYTES = 64n * 1024n;

/**
 * A key for an image: equal keys mean equal archives. Small files count by content, large ones by path, size, time and inode, so that
 * nothing large is read.
 * @throws HarnessError `image-source-unreadable`
 */
export function fingerprint(entries: readonly ImageEntry[], version: string): string {
  const hash = createHash('sha256').update(version);
  for (const entry of entries) hash.update(JSON.stringify(fingerprintOf(entry)));
  return hash.digest('hex');
}

function fingerprintOf(entry: ImageEntry): object {
  if (entry.kind === 'content') return { ...entry, content: sha256(entry.content) };
  if (entry.kind !== 'file') return entry;
  const { fd, stats } = openSource(entry);
  try {
    const { size, mtimeNs, ino } = stats;
    const { hostPath, ...rest } = entry;
    if (size <= HASHED_UP_TO_BYTES) return { ...rest, content: sha256(readFileSync(fd)) };
    return { ...rest, hostPath, size: String(size), mtimeNs: String(mtimeNs), ino: String(ino) };
  } finally {
    closeSync(fd);
  }
}

function sha256(content: Buffer | string): string {
  return createHash('sha256').update(content).digest('hex');
}
