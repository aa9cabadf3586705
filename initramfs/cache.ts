import { existsSync, mkdirSync, readdirSync, renameSync, rmSync, statSync, utimesSync } from 'node:fs';
import { homedir } from 'node:os';
import { isAbsolute, join, resolve } from 'node:path';
import { HarnessError } from '../src/errors';
import { LOCK_SUFFIX, acquireBuildLock, sweepLocks } from './build-lock';
import { commandOf } from './process-identity';
import { scratchPath, sweepScratch } from './scratch';

const NAME = /^[A-Za-z0-9][A-Za-z0-9._-]{0,199}$/;
/** A build takes seconds; longer means that the builder is stopped or stuck. */
const DEFAULT_WAIT_MS = 60_000;
/** Long enough for whoever was just told an entry's path to open it. */
const MIN_AGE_MS = 60 * 60 * 1000;

export interface CacheEntry {
  /** Folder of entries that are alike, e.g. `base`. */
  kind: string;
  /** Names the content: whoever gives the same key means the same bytes. */
  key: string;
  /** How long to wait for another process that builds it. */
  waitMs?: number;
}

/** `KTSTR_CACHE_DIR`, else `ktstr` in an absolute `XDG_CACHE_HOME`, else `~/.cache/ktstr`; empty variables count as unset. */
export function cacheDirectory(environment: NodeJS.ProcessEnv = process.env): string {
  const { KTSTR_CACHE_DIR: own, XDG_CACHE_HOME: base } = environment;
  if (own) return resolve(own);
  return join(base && isAbsolute(base) ? base : join(homedir(), '.cache'), 'ktstr');
}

/**
 * The path of a finished entry, built by `build` at the path it is given when there is none: a file or a directory. Entries appear
 * whole or not at all; of several processes that want the same one, one builds and the others wait; a killed builder is replaced.
 * @throws HarnessError `cache-busy` when another process builds for longer than `waitMs`, and whatever `build` throws.
 */
export async function cached(entry: CacheEntry, build: (path: string) => void | Promise<void>): Promise<string> {
  const directory = kindDirectory(entry.kind);
  const finished = join(directory, checkName(entry.key));
  if (touch(finished)) return finished;
  mkdirSync(directory, { recursive: true });
  const outcome = await acquireBuildLock({
    path: finished + LOCK_SUFFIX,
    waitMs: entry.waitMs ?? DEFAULT_WAIT_MS,
    isDone: () => existsSync(finished),
  });
  if (outcome.kind === 'done') return finished;
  if (outcome.kind === 'timed-out') throw busy(entry, outcome.holder.pid);
  using _ = outcome.lock;
  if (touch(finished)) return finished;
  sweepScratch(directory);
  sweepLocks(directory);
  await buildAt(finished, scratchPath(directory), build);
  return finished;
}

/** Removes the entries of a kind that were not used for longest, beyond the `keep` newest; none that was used in the last hour. */
export function trimCache(kind: string, keep: number): void {
  const directory = kindDirectory(kind);
  if (!existsSync(directory)) return;
  const entries = readdirSync(directory)
    .filter((name) => NAME.test(name) && !name.endsWith(LOCK_SUFFIX))
    .map((name) => ({ path: join(directory, name), usedAtMs: usedAt(join(directory, name)) }))
    .sort((a, b) => b.usedAtMs - a.usedAtMs);
  for (const { path } of entries.slice(keep)) {
    if (usedAt(path) < Date.now() - MIN_AGE_MS) remove(path, directory);
  }
}

async function buildAt(
  finished: string,
  scratch: string,
  build: (path: string) => void | Promise<void>,
): Promise<void> {
  try {
    await build(scratch);
    renameSync(scratch, finished);
  } catch (error) {
    rmSync(scratch, { recursive: true, force: true });
    // A directory does not replace one that is there: somebody else finished the same content.
    if (!existsSync(finished)) throw error;
  }
}

/** First out of sight in one step, so that nobody meets a directory that is half gone. */
function remove(path: string, directory: string): void {
  const scratch = scratchPath(directory);
  try {
    renameSync(path, scratch);
  } catch {
    return;
  }
  rmSync(scratch, { recursive: true, force: true });
}

/** Marks the entry as used now; false when it does not exist. */
function touch(path: string): boolean {
  try {
    utimesSync(path, new Date(), new Date());
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return false;
    // A cache of somebody else, mounted read-only, can be used but not marked.
    if (existsSync(path)) return true;
    throw error;
  }
}

function usedAt(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? Infinity;
}

function kindDirectory(kind: string): string {
  return join(cacheDirectory(), checkName(kind));
}

function checkName(name: string): string {
  if (!NAME.test(name) || name.endsWith(LOCK_SUFFIX)) {
    throw new TypeError(`use the cache: "${name}" is not a plain name of at most 200 letters, digits, dots and dashes`);
  }
  return name;
}

function busy({ kind, key, waitMs }: CacheEntry, pid: number): HarnessError<'cache-busy'> {
  const fields = { kind, key, pid, command: commandOf(pid), waitedMs: waitMs ?? DEFAULT_WAIT_MS };
  return new HarnessError('cache-busy', fields);
}
