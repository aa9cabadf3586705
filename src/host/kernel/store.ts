import { existsSync, readdirSync, rmSync, statSync } from 'node:fs';
import { mkdir, rename, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { isAbsolute, join } from 'node:path';
import { scratchPath, sweepScratch } from '../../../initramfs/scratch';
import { HarnessError } from '../../errors';
import { compareReleases } from './compare-releases';
import type { KernelMetadata } from './metadata';
import { METADATA, readEntry, removeEntry, type CorruptKernel, type StoredKernel } from './store-entry';

export function cacheDir(env: NodeJS.ProcessEnv): string {
  if (env['KTSTR_CACHE_DIR']) return env['KTSTR_CACHE_DIR'];
  const xdg = env['XDG_CACHE_HOME'];
  // The XDG specification says that a relative path is to be ignored.
  return join(xdg !== undefined && isAbsolute(xdg) ? xdg : join(homedir(), '.cache'), 'ktstr');
}

/** Where the entries are, each in a folder that is named by its key. */
export function storeFolder(cache: string): string {
  return join(cache, 'kernels');
}

/** Kernels of the cache: with sched_ext before those without, then the newest release first; of equal ones, the one built last. */
export function storedKernels(cache: string): StoredKernel[] {
  return readStore(cache).kernels;
}

/** Everything that is stored, also what cannot be used. */
export function readStore(cache: string): { kernels: StoredKernel[]; corrupt: CorruptKernel[] } {
  const root = storeFolder(cache);
  const entries = (existsSync(root) ? readdirSync(root) : [])
    .filter((name) => !name.startsWith('.'))
    .map((name) => readEntry(join(root, name)));
  return {
    kernels: entries.flatMap((entry) => ('kind' in entry ? [] : [entry])).sort(byPreference),
    corrupt: entries.flatMap((entry) => ('kind' in entry ? [entry] : [])),
  };
}

function byPreference(a: StoredKernel, b: StoredKernel): number {
  return (
    Number(b.schedExt) - Number(a.schedExt) ||
    compareReleases(b.release, a.release) ||
    b.builtAt.localeCompare(a.builtAt)
  );
}

/** What `fill` knows of the kernel; sizes are taken from what it has written. */
export type NewKernel = Omit<KernelMetadata, 'sizes'>;

/**
 * Adds a kernel: `fill` writes its files into an empty folder, which appears in the cache only when it is complete. When another
 * process has stored the same key meanwhile, its entry stays, unless this one is to replace it.
 * @throws HarnessError `kernel-cache-unwritable`
 */
export async function storeKernel(
  cache: string,
  fill: (folder: string) => Promise<NewKernel>,
  { replaces = false } = {},
): Promise<StoredKernel> {
  const root = storeFolder(cache);
  const unfinished = await makeUnfinished(root);
  const removeNow = () => rmSync(unfinished, { recursive: true, force: true, maxRetries: 5 });
  process.once('exit', removeNow);
  try {
    const filled = await fill(unfinished);
    const metadata: KernelMetadata = { ...filled, sizes: sizesOf(unfinished) };
    await writeFile(join(unfinished, METADATA), `${JSON.stringify(metadata, null, 2)}\n`);
    const folder = join(root, metadata.key);
    if (replaces || 'kind' in readEntry(folder)) await replace(folder, unfinished);
    const stored = readEntry(folder);
    if ('kind' in stored) throw new Error(`store kernel ${metadata.key}: ${stored.reason}`);
    return stored;
  } finally {
    removeNow();
    process.removeListener('exit', removeNow);
  }
}

async function makeUnfinished(root: string): Promise<string> {
  try {
    await mkdir(root, { recursive: true });
    sweepScratch(root);
    const unfinished = scratchPath(root);
    await mkdir(unfinished);
    return unfinished;
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new HarnessError('kernel-cache-unwritable', { path: root, reason }, { cause });
  }
}

function sizesOf(folder: string): Record<string, number> {
  const names = readdirSync(folder, { recursive: true, encoding: 'utf8' }).sort();
  const files = names.map((name) => [name, statSync(join(folder, name))] as const).filter(([, info]) => info.isFile());
  return Object.fromEntries(files.map(([name, info]) => [name, info.size]));
}

async function replace(folder: string, unfinished: string): Promise<void> {
  removeEntry(folder);
  await rename(unfinished, folder).catch((error: NodeJS.ErrnoException) => {
    // Another process was first; the caller checks that its entry is complete.
    if (error.code !== 'ENOTEMPTY' && error.code !== 'EEXIST') throw error;
  });
}
