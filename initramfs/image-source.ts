import { type BigIntStats, closeSync, fstatSync, openSync } from 'node:fs';
import { HarnessError } from '../src/errors';
import type { HostFileEntry } from './image-entry';

/** A regular file, open for reading. The caller closes it. @throws HarnessError `image-source-unreadable` */
export function openSource(entry: HostFileEntry): { fd: number; stats: BigIntStats } {
  const { guestPath, hostPath } = entry;
  const opened = open(entry);
  if (opened.stats.isFile()) return opened;
  closeSync(opened.fd);
  throw new HarnessError('image-source-unreadable', { guestPath, hostPath, problem: 'it is not a regular file' });
}

/** Size, times and inode of a regular file. @throws HarnessError `image-source-unreadable` */
export function statSource(entry: HostFileEntry): BigIntStats {
  const { fd, stats } = openSource(entry);
  closeSync(fd);
  return stats;
}

function open({ guestPath, hostPath }: HostFileEntry): { fd: number; stats: BigIntStats } {
  try {
    const fd = openSync(hostPath, 'r');
    return { fd, stats: fstatSync(fd, { bigint: true }) };
  } catch (cause) {
    const problem = cause instanceof Error ? cause.message : String(cause);
    throw new HarnessError('image-source-unreadable', { guestPath, hostPath, problem }, { cause });
  }
}
