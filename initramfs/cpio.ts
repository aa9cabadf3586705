import { createHash } from 'node:crypto';
import { closeSync, constants, readSync, writeSync } from 'node:fs';
import { HarnessError } from '../src/errors';
import { type HostFileEntry, type ImageEntry, arrangeEntries } from './image-entry';
import { openSource } from './image-source';
import { readStrippedElf } from './strip';

/**
 * The "newc" archive that the kernel unpacks into its first file system. Each member is a header of 110 ASCII characters (a magic
 * number and 13 hexadecimal words), the name with a zero byte, and the content; name and content each end on a multiple of four.
 * A member named TRAILER!!! ends the archive. The kernel unpacks archives that stand one after the other, with zeros between.
 * Source: Documentation/driver-api/early-userspace/buffer-format.rst.
 */
const MAGIC = '070701';
const TRAILER = 'TRAILER!!!';
/** An archive ends on a multiple of this, as cpio(1) makes it; more than the four bytes that the kernel asks for. */
const BLOCK_BYTES = 512;
const MAX_CONTENT_BYTES = 0xffffffff;
const READ_BYTES = 1 << 20;

interface Member {
  ino: number;
  mode: number;
  nlink: number;
  size: number;
  device?: { major: number; minor: number };
}

/**
 * The archive of the entries, in pieces. The same entries give the same bytes: times are zero, inodes count from 1, and the order is
 * by path.
 * @throws HarnessError `image-entry-invalid` or `image-source-unreadable`.
 */
export function* cpioChunks(entries: readonly ImageEntry[]): Generator<Buffer> {
  let total = 0;
  let ino = 0;
  for (const entry of arrangeEntries(entries)) {
    ino += 1;
    for (const chunk of memberChunks(entry, ino)) {
      total += chunk.length;
      yield chunk;
    }
  }
  const trailer = memberHeader(TRAILER, { ino: 0, mode: 0, nlink: 1, size: 0 });
  yield Buffer.concat([trailer, zerosTo(total + trailer.length, BLOCK_BYTES)]);
}

/** The archive in memory. */
export function cpioArchive(entries: readonly ImageEntry[]): Buffer {
  return Buffer.concat([...cpioChunks(entries)]);
}

/** Writes the archive at the descriptor's position; gives its size and SHA-256. */
export function writeCpio(fd: number, entries: readonly ImageEntry[]): { bytes: number; sha256: string } {
  const hash = createHash('sha256');
  let bytes = 0;
  for (const chunk of cpioChunks(entries)) {
    hash.update(chunk);
    for (let at = 0; at < chunk.length; at += writeSync(fd, chunk, at));
    bytes += chunk.length;
  }
  return { bytes, sha256: hash.digest('hex') };
}

function* memberChunks(entry: ImageEntry, ino: number): Generator<Buffer> {
  switch (entry.kind) {
    case 'content':
      yield* contentChunks(entry.guestPath, { ino, mode: constants.S_IFREG | entry.mode }, entry.content);
      return;
    case 'symlink':
      yield* contentChunks(entry.guestPath, { ino, mode: constants.S_IFLNK | 0o777 }, entry.target);
      return;
    case 'file':
      yield* fileChunks(entry, ino);
      return;
    case 'directory':
      yield memberHeader(entry.guestPath, { ino, mode: constants.S_IFDIR | entry.mode, nlink: 2, size: 0 });
      return;
    case 'device': {
      const type = entry.type === 'char' ? constants.S_IFCHR : constants.S_IFBLK;
      yield memberHeader(entry.guestPath, { ino, mode: type | entry.mode, nlink: 1, size: 0, device: entry });
    }
  }
}

function* contentChunks(
  guestPath: string,
  member: Pick<Member, 'ino' | 'mode'>,
  content: Buffer | string,
): Generator<Buffer> {
  const bytes = Buffer.from(content);
  if (bytes.length > MAX_CONTENT_BYTES) throw tooLarge(guestPath, bytes.length);
  yield memberHeader(guestPath, { ...member, nlink: 1, size: bytes.length });
  yield Buffer.concat([bytes, zerosTo(bytes.length, 4)]);
}

function* fileChunks(entry: HostFileEntry, ino: number): Generator<Buffer> {
  const { guestPath, hostPath } = entry;
  const { fd, stats } = openSource(entry);
  try {
    const stripped = entry.strip === true ? readStrippedElf(fd, hostPath) : null;
    const size = stripped?.bytes ?? Number(stats.size);
    if (size > MAX_CONTENT_BYTES) throw tooLarge(guestPath, size);
    yield memberHeader(guestPath, { ino, mode: constants.S_IFREG | entry.mode, nlink: 1, size });
    if (stripped !== null) yield stripped.head;
    for (let at = stripped?.head.length ?? 0; at < size;) {
      const chunk = Buffer.allocUnsafe(Math.min(READ_BYTES, size - at));
      const read = readSync(fd, chunk, 0, chunk.length, at);
      if (read === 0) {
        const problem = `its source ${hostPath} became shorter while it was read`;
        throw new HarnessError('image-entry-invalid', { guestPath, problem });
      }
      yield chunk.subarray(0, read);
      at += read;
    }
    yield zerosTo(size, 4);
  } finally {
    closeSync(fd);
  }
}

function memberHeader(guestPath: string, member: Member): Buffer {
  const name = Buffer.from(`${guestPath.replace(/^\//, '')}\0`);
  const { ino, mode, nlink, size, device } = member;
  const owner = [0, 0];
  const time = 0;
  const checksum = 0;
  const words = [ino, mode, ...owner, nlink, time, size, 0, 0, device?.major ?? 0, device?.minor ?? 0];
  const hex = [...words, name.length, checksum].map((word) => word.toString(16).toUpperCase().padStart(8, '0'));
  const head = Buffer.concat([Buffer.from(MAGIC + hex.join('')), name]);
  return Buffer.concat([head, zerosTo(head.length, 4)]);
}

function zerosTo(length: number, multiple: number): Buffer {
  return Buffer.alloc((multiple - (length % multiple)) % multiple);
}

function tooLarge(guestPath: string, bytes: number): HarnessError {
  const problem = `it has ${bytes} bytes, an archive member holds at most ${MAX_CONTENT_BYTES}`;
  return new HarnessError('image-entry-invalid', { guestPath, problem });
}
