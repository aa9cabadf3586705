import { existsSync, readFileSync, readdirSync, rmSync, statSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, rename, rm, stat, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { isAbsolute, join } from 'node:path';
import { HarnessError } from '../../errors';
import { compareReleases } from './compare-releases';

export function cacheDir(env: NodeJS.ProcessEnv): string {
  if (env['KTSTR_CACHE_DIR']) return env['KTSTR_CACHE_DIR'];
  const xdg = env['XDG_CACHE_HOME'];
  // The XDG specification says that a relative path is to be ignored.
  return join(xdg !== undefined && isAbsolute(xdg) ? xdg : join(homedir(), '.cache'), 'ktstr');
}

/** What `metadata.json` of a stored kernel holds; paths are relative to its folder. */
export interface KernelMetadata {
  release: string;
  arch: 'x86_64';
  image: string;
  /** Where it came from, e.g. `debian linux-image-6.12.1-cloud-amd64-unsigned 6.12.1-1`. */
  source: string;
  /** ISO 8601, UTC. */
  fetchedAt: string;
  /** In load order. */
  modules: string[];
  /** Modules that a guest may need and that this kernel does not have. */
  absent: string[];
}

/** A kernel of the cache; `image` and `modules` are paths of the host. */
export interface StoredKernel extends KernelMetadata {
  folder: string;
}

const METADATA = 'metadata.json';
const UNFINISHED = '.new-';
/** Longer than the deadlines of all steps of a fetch together: what is older belongs to nobody. */
const UNFINISHED_MS = 3_600_000;

/** Kernels of the cache, newest release first; of equal releases, the one fetched last. */
export function storedKernels(cache: string): StoredKernel[] {
  const root = join(cache, 'kernels');
  return (existsSync(root) ? readdirSync(root) : [])
    .filter((name) => !name.startsWith('.'))
    .flatMap((name) => readStored(join(root, name)) ?? [])
    .sort((a, b) => compareReleases(b.release, a.release) || b.fetchedAt.localeCompare(a.fetchedAt));
}

/** Undefined for a folder that is no complete entry: a fetch replaces it. */
function readStored(folder: string): StoredKernel | undefined {
  try {
    const metadata = JSON.parse(readFileSync(join(folder, METADATA), 'utf8')) as KernelMetadata;
    const stored = {
      ...metadata,
      folder,
      image: join(folder, metadata.image),
      modules: metadata.modules.map((module) => join(folder, module)),
    };
    return [stored.image, ...stored.modules].every((file) => statSync(file).size > 0) ? stored : undefined;
  } catch {
    return undefined;
  }
}

/**
 * Adds a kernel: `fill` writes its files into an empty folder, which appears in the cache only when it is complete. When another
 * process has stored the same release meanwhile, its entry stays.
 * @throws HarnessError `kernel-cache-unwritable`
 */
export async function storeKernel(
  cache: string,
  fill: (folder: string) => Promise<KernelMetadata>,
): Promise<StoredKernel> {
  const root = join(cache, 'kernels');
  const unfinished = await makeUnfinished(root);
  const removeNow = () => rmSync(unfinished, { recursive: true, force: true });
  process.once('exit', removeNow);
  try {
    const metadata = await fill(unfinished);
    await writeFile(join(unfinished, METADATA), `${JSON.stringify(metadata, null, 2)}\n`);
    const folder = join(root, metadata.release);
    if (readStored(folder) === undefined) await replace(folder, unfinished);
    const stored = readStored(folder);
    if (stored === undefined) throw new Error(`store kernel ${metadata.release}: ${folder} is not complete`);
    return stored;
  } finally {
    removeNow();
    process.removeListener('exit', removeNow);
  }
}

async function makeUnfinished(root: string): Promise<string> {
  try {
    await mkdir(root, { recursive: true });
    await sweepUnfinished(root);
    return await mkdtemp(join(root, UNFINISHED));
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new HarnessError('kernel-cache-unwritable', { path: root, reason }, { cause });
  }
}

async function replace(folder: string, unfinished: string): Promise<void> {
  await rm(folder, { recursive: true, force: true });
  await rename(unfinished, folder).catch((error: NodeJS.ErrnoException) => {
    // Another process was first; the caller checks that its entry is complete.
    if (error.code !== 'ENOTEMPTY' && error.code !== 'EEXIST') throw error;
  });
}

async function sweepUnfinished(root: string): Promise<void> {
  for (const name of await readdir(root)) {
    if (!name.startsWith(UNFINISHED)) continue;
    const info = await stat(join(root, name)).catch(() => undefined);
    if (info !== undefined && Date.now() - info.mtimeMs > UNFINISHED_MS)
      await rm(join(root, name), { recursive: true, force: true });
  }
}
