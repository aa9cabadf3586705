import { isHarnessError } from '../src/errors';
import { fetchKernel } from '../src/host/kernel/fetch';
import { findKernel, type Kernel } from '../src/host/kernel/find';
import { buildKernel } from '../src/host/kernel/build/build-kernel';
import { cacheDir, storedKernels } from '../src/host/kernel/store';
import { listedKernels } from '../src/host/kernel/listed-kernels';
import type { Doing } from './step-lines';

/**
 * Sees to a kernel: one that the user named or that is in the cache stays; else the distribution's is fetched; the kernel that
 * this host runs is taken only where that fails, as it brings drivers and a boot time that tests have no use for.
 */
export async function ensureKernel(doing: Doing): Promise<string> {
  const cache = cacheDir(process.env);
  const named = await namedKernels(cache);
  if (named.length > 0) return named.map(describe).join(', ');
  const found = await findKernel({ cacheDir: cache, env: {} }).catch((error: unknown) => {
    if (isHarnessError(error, 'kernel-not-found')) return undefined;
    throw error;
  });
  if (found !== undefined && found.source !== 'host') return describe(found);
  try {
    return `${await fetchCloudKernel(doing)}; one with sched_ext: npx ktstr kernel build`;
  } catch (error) {
    if (found === undefined || !isHarnessError(error)) throw error;
    return `${describe(found)}; none could be fetched: ${error.message.split('\n')[0]}`;
  }
}

/** Tests of schedulers need one with sched_ext; it is built from the distribution's source when none is stored. */
export async function ensureSchedExtKernel(doing: Doing): Promise<string> {
  const cache = cacheDir(process.env);
  const stored = storedKernels(cache).find(({ schedExt }) => schedExt);
  if (stored !== undefined) return `${stored.key} (from cache)`;
  const { kernel } = await buildKernel({
    cacheDir: cache,
    onProgress: ({ doing: what, fraction, count }) => doing(what, fraction, count),
  });
  return `built ${kernel.key}`;
}

/** The distribution's kernel, with modules and without sched_ext: the other kind that the tests use. */
export async function ensureCloudKernel(doing: Doing): Promise<string> {
  const stored = storedKernels(cacheDir(process.env)).find(({ source }) => source.startsWith('debian linux-image-'));
  return stored === undefined ? fetchCloudKernel(doing) : `${stored.key} (from cache)`;
}

/** The kernel of the machines in which the tests run that need KVM, where this host has none; some of them run on it. Only in a clone. */
export async function ensureOuterKernel(doing: Doing): Promise<string> {
  // An installed package does not have it.
  const { outerKernel } = await import('../nested/outer-kernel.js');
  let isFetched = false;
  await outerKernel(({ doing: what, fraction }) => {
    isFetched = true;
    doing(what, fraction);
  });
  return isFetched ? 'fetched' : 'from cache';
}

async function fetchCloudKernel(doing: Doing): Promise<string> {
  const { kernel } = await fetchKernel({
    cacheDir: cacheDir(process.env),
    flavour: 'cloud',
    onProgress: ({ doing: what, fraction }) => doing(what, fraction),
  });
  return `fetched ${kernel.release}`;
}

async function namedKernels(cache: string): Promise<Kernel[]> {
  const find = (name: string): Promise<Kernel> =>
    findKernel({ cacheDir: cache, env: { ...process.env, KTSTR_KERNEL: name } });
  return Promise.all(listedKernels(process.env).map(find));
}

function describe(kernel: Kernel): string {
  return `${kernel.release} (${kernel.source === 'host' ? "this host's own" : `from ${kernel.source}`})`;
}
