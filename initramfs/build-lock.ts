import { linkSync, readFileSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { type ProcessIdentity, isRunning } from './process-identity';
import { ownIdentity, scratchPath } from './scratch';

export const LOCK_SUFFIX = '.lock';

/** Nothing tells a process that another one died, so a wait looks again; the builds waited for take hundreds of milliseconds. */
const LOOK_EVERY_MS = 15;

export type LockOutcome =
  | { kind: 'held'; lock: Disposable }
  /** `isDone` became true while another process held the lock. */
  | { kind: 'done' }
  | { kind: 'timed-out'; holder: ProcessIdentity };

export interface LockRequest {
  path: string;
  waitMs: number;
  isDone: () => boolean;
  /** Called when the wait for another process begins. */
  onWait?: (holder: ProcessIdentity) => void;
}

/**
 * A lock file that names its holder. One whose process is gone counts as free: a killed builder blocks nobody. In the worst case, two
 * processes that find the same dead holder within microseconds of a third one, two builders run; the cache is still right then.
 */
export async function acquireBuildLock({ path, waitMs, isDone, onWait }: LockRequest): Promise<LockOutcome> {
  const deadline = performance.now() + waitMs;
  let waitedFor: number | undefined;
  for (;;) {
    if (tryLock(path)) return { kind: 'held', lock: { [Symbol.dispose]: () => unlock(path) } };
    const text = readLock(path);
    const holder = text === null ? null : parseHolder(text);
    if (text !== null && isDead(holder)) {
      removeDeadLock(path, text);
      continue;
    }
    if (isDone()) return { kind: 'done' };
    if (holder !== null && performance.now() >= deadline) return { kind: 'timed-out', holder };
    if (holder === null) continue;
    if (waitedFor !== holder.pid) onWait?.(holder);
    waitedFor = holder.pid;
    await delay(LOOK_EVERY_MS);
  }
}

/** Removes the locks in `directory` whose holders are gone. */
export function sweepLocks(directory: string): void {
  for (const name of readdirSync(directory)) {
    if (!name.endsWith(LOCK_SUFFIX)) continue;
    const path = join(directory, name);
    const text = readLock(path);
    if (text !== null && isDead(parseHolder(text))) removeDeadLock(path, text);
  }
}

function isDead(holder: ProcessIdentity | null): boolean {
  return holder === null || !isRunning(holder);
}

/** The file appears with its content in one step, so that no reader sees a lock without a holder. */
function tryLock(path: string): boolean {
  const draft = scratchPath(dirname(path));
  writeFileSync(draft, JSON.stringify(ownIdentity()));
  try {
    linkSync(draft, path);
    return true;
  } catch (error) {
    if (codeOf(error) === 'EEXIST') return false;
    throw error;
  } finally {
    rmSync(draft, { force: true });
  }
}

function unlock(path: string): void {
  if (readLock(path) === JSON.stringify(ownIdentity())) rmSync(path, { force: true });
}

/** Only one process moves the file away. What it moved may be the lock of a process that was faster; that one gets it back. */
function removeDeadLock(path: string, deadText: string): void {
  const moved = scratchPath(dirname(path));
  try {
    renameSync(path, moved);
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return;
    throw error;
  }
  try {
    if (readLock(moved) !== deadText) linkSync(moved, path);
  } catch (error) {
    if (codeOf(error) !== 'EEXIST') throw error;
  } finally {
    rmSync(moved, { force: true });
  }
}

function readLock(path: string): string | null {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return null;
    throw error;
  }
}

/** Null for a file that no builder of this version wrote. */
function parseHolder(text: string): ProcessIdentity | null {
  try {
    const { pid, startTicks } = JSON.parse(text) as Partial<ProcessIdentity>;
    return typeof pid === 'number' && typeof startTicks === 'string' ? { pid, startTicks } : null;
  } catch {
    return null;
  }
}

function codeOf(error: unknown): string | undefined {
  return (error as NodeJS.ErrnoException).code;
}
