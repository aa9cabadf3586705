import { posix } from 'node:path';
import { HarnessError } from '../src/errors';

/** One thing in the guest's file system. Guest paths are absolute; `mode` is permission bits; everything belongs to root. */
export type ImageEntry =
  | { kind: 'content'; guestPath: string; mode: number; content: Buffer | string }
  | HostFileEntry
  | { kind: 'directory'; guestPath: string; mode: number }
  | { kind: 'symlink'; guestPath: string; target: string }
  | { kind: 'device'; guestPath: string; mode: number; type: 'char' | 'block'; major: number; minor: number };

/** A copy of a file of the host. */
export interface HostFileEntry {
  kind: 'file';
  guestPath: string;
  mode: number;
  hostPath: string;
  /** Leave out what follows the loaded part of an ELF file: symbol tables and debug information. */
  strip?: boolean;
}

const PARENT_MODE = 0o755;

/**
 * The entries as an archive needs them: parents before children, in one order whatever order they were given in, with the parent
 * directories that nobody named. Entries that say the same are one.
 * @throws HarnessError `image-entry-invalid` for a path that is not absolute and plain, and for two things at one path.
 */
export function arrangeEntries(entries: readonly ImageEntry[]): ImageEntry[] {
  const byPath = new Map<string, ImageEntry>();
  for (const entry of entries) add(byPath, entry);
  for (const { guestPath } of entries) {
    for (let parent = posix.dirname(guestPath); parent !== '/'; parent = posix.dirname(parent))
      addParent(byPath, parent);
  }
  // By bytes of the whole path: a directory is a prefix of what it holds, so it comes first.
  return [...byPath.values()].sort((a, b) => Buffer.compare(Buffer.from(a.guestPath), Buffer.from(b.guestPath)));
}

function add(byPath: Map<string, ImageEntry>, entry: ImageEntry): void {
  const problem = pathProblem(entry.guestPath);
  if (problem !== null) throw new HarnessError('image-entry-invalid', { guestPath: entry.guestPath, problem });
  const other = byPath.get(entry.guestPath);
  if (other !== undefined && !isSame(other, entry)) {
    const both = `it is given twice, as ${describe(other)} and as ${describe(entry)}`;
    throw new HarnessError('image-entry-invalid', { guestPath: entry.guestPath, problem: both });
  }
  byPath.set(entry.guestPath, entry);
}

function addParent(byPath: Map<string, ImageEntry>, guestPath: string): void {
  const other = byPath.get(guestPath);
  if (other === undefined) byPath.set(guestPath, { kind: 'directory', guestPath, mode: PARENT_MODE });
  else if (other.kind !== 'directory') {
    const problem = `it is ${describe(other)}, and something else lies in it as in a directory`;
    throw new HarnessError('image-entry-invalid', { guestPath, problem });
  }
}

function pathProblem(guestPath: string): string | null {
  if (!guestPath.startsWith('/')) return 'the path is not absolute';
  if (guestPath === '/' || posix.normalize(guestPath) !== guestPath || guestPath.endsWith('/')) {
    return 'the path is not plain (no empty, "." or ".." part, no slash at the end)';
  }
  return guestPath.includes('\0') ? 'the path holds a zero byte' : null;
}

function isSame(a: ImageEntry, b: ImageEntry): boolean {
  if (a.kind === 'content' && b.kind === 'content') {
    return a.mode === b.mode && Buffer.from(a.content).equals(Buffer.from(b.content));
  }
  return JSON.stringify(a, Object.keys(a).sort()) === JSON.stringify(b, Object.keys(b).sort());
}

function describe(entry: ImageEntry): string {
  if (entry.kind === 'file') return `a copy of ${entry.hostPath}`;
  if (entry.kind === 'symlink') return `a link to ${entry.target}`;
  return entry.kind === 'content' ? 'a file with given content' : `a ${entry.kind}`;
}
