import { createHash } from 'node:crypto';
import { accessSync, constants, createReadStream, existsSync, statSync } from 'node:fs';
import { release as hostRelease } from 'node:os';
import { join, resolve } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { HarnessError } from '../../errors';
import { describeImage } from './describe-image';
import { memoised } from './memo';
import { modulesBeside } from './modules-beside';
import { readStore } from './store';
import type { CorruptKernel, StoredKernel } from './store-entry';
import { findByName } from './stored-name';

export interface Kernel {
  image: string;
  release: string;
  /** Module files of the host that a guest has to load, in load order. */
  modules: string[];
  /** Modules that a guest may need and that this kernel is known not to have. */
  absent: string[];
  source: 'option' | 'env' | 'cache' | 'host';
  /** SHA-256 of the image, hexadecimal. */
  digest: string;
  /** Null for an image that was given by its path: only a boot would tell. */
  schedExt: boolean | null;
  /** The entry of the store, with `schedulers/` and `bpf-dev/` of a kernel that was built; null for an image outside of it. */
  folder: string | null;
}

export interface FindKernelOptions {
  /** The test's `kernel` option: a path, or of a stored kernel the release or key, or how one begins. */
  option?: string | undefined;
  cacheDir: string;
  env: NodeJS.ProcessEnv;
  /** Where the host keeps its own kernel. */
  host?: { bootDir: string; modulesDir: string; release: string };
}

/**
 * The kernel to boot: by option, else `KTSTR_KERNEL`, else the first of the cache, else the host's own. A kernel that was asked
 * for by option or variable is never replaced by another.
 * @throws HarnessError `kernel-not-found` naming every place tried; `kernel-image-unusable`, `kernel-module-unusable`
 */
export async function findKernel(options: FindKernelOptions): Promise<Kernel> {
  const host = options.host ?? { bootDir: '/boot', modulesDir: '/lib/modules', release: hostRelease() };
  const search: Search = {
    cacheDir: options.cacheDir,
    modulesDir: host.modulesDir,
    ...readStore(options.cacheDir),
  };
  if (options.option) return requested(search, { source: 'option', place: 'option kernel', wanted: options.option });
  const variable = options.env['KTSTR_KERNEL'];
  if (variable) return requested(search, { source: 'env', place: 'KTSTR_KERNEL', wanted: variable });
  const newest = search.kernels[0];
  if (newest !== undefined) return fromStore(search, newest, 'cache');
  const image = join(host.bootDir, `vmlinuz-${host.release}`);
  const refusal = whyUnreadable(image);
  if (refusal === undefined) return fromImage(search, image, 'host');
  throw new HarnessError('kernel-not-found', {
    tried: [
      { place: 'option kernel', found: 'not set' },
      { place: 'KTSTR_KERNEL', found: 'not set' },
      { place: `cache ${options.cacheDir}`, found: 'holds no kernel' },
      { place: `kernel of this host ${image}`, found: refusal },
    ],
  });
}

interface Search {
  cacheDir: string;
  modulesDir: string;
  kernels: StoredKernel[];
  corrupt: CorruptKernel[];
}

interface Request {
  source: 'option' | 'env';
  place: string;
  wanted: string;
}

async function requested(search: Search, request: Request): Promise<Kernel> {
  const { source, wanted } = request;
  if (wanted.includes('/') || existsSync(wanted)) {
    const image = resolve(wanted);
    const refusal = whyUnreadable(image);
    if (refusal === undefined) return fromImage(search, image, source);
    throw new HarnessError('kernel-not-found', { tried: [{ place: `${request.place} ${wanted}`, found: refusal }] });
  }
  const named = findByName(search, wanted);
  if (named.kernel !== undefined) return fromStore(search, named.kernel, source);
  const held = search.kernels.map((kernel) => kernel.key).join(', ');
  throw new HarnessError('kernel-not-found', {
    tried: [
      { place: `${request.place} ${wanted}`, found: named.refusal },
      { place: `cache ${search.cacheDir}`, found: held === '' ? 'holds no kernel' : `holds ${held}` },
    ],
  });
}

async function fromStore(search: Search, stored: StoredKernel, source: Kernel['source']): Promise<Kernel> {
  const { image, release, modules, absent, schedExt, folder } = stored;
  return { image, release, modules, absent, source, schedExt, folder, digest: await digestOf(image, search.cacheDir) };
}

async function fromImage(search: Search, image: string, source: Kernel['source']): Promise<Kernel> {
  const key = { cacheDir: search.cacheDir, subject: `image ${image}`, stamp: fileStamp(image) };
  const { release } = await memoised(key, () => describeImage(image));
  const digest = await digestOf(image, search.cacheDir);
  const needed = await modulesBeside({ image, release, digest }, search);
  return { image, release, ...needed, source, digest, schedExt: null, folder: null };
}

/** Undefined when the file can be read. */
function whyUnreadable(image: string): string | undefined {
  try {
    accessSync(image, constants.R_OK);
    return statSync(image).isFile() ? undefined : 'is not a file';
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EACCES' ? 'is not readable for this user' : 'does not exist';
  }
}

async function digestOf(image: string, cacheDir: string): Promise<string> {
  return memoised({ cacheDir, subject: `digest ${image}`, stamp: fileStamp(image) }, async () => {
    const hash = createHash('sha256');
    await pipeline(createReadStream(image), hash);
    return hash.digest('hex');
  });
}

function fileStamp(path: string): string {
  const { size, mtimeNs, ino } = statSync(path, { bigint: true });
  return `${size} ${mtimeNs} ${ino}`;
}
