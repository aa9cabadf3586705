import { isHarnessError } from '../src/errors';
import { fetchKernel } from '../src/host/kernel/fetch';
import { findKernel, type Kernel } from '../src/host/kernel/find';
import { listedKernels } from '../src/host/kernel/listed-kernels';
import { cacheDir } from '../src/host/kernel/store';
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
    const { kernel } = await fetchKernel({
      cacheDir: cache,
      flavour: 'cloud',
      onProgress: ({ doing: what, fraction }) => doing(what, fraction),
    });
    return `fetched ${kernel.release}`;
  } catch (error) {
    if (found === undefined || !isHarnessError(error)) throw error;
    return `${describe(found)}; none could be fetched: ${error.message.split('\n')[0]}`;
  }
}

async function namedKernels(cache: string): Promise<Kernel[]> {
  const find = (name: string): Promise<Kernel> =>
    findKernel({ cacheDir: cache, env: { ...process.env, KTSTR_KERNEL: name } });
  return Promise.all(listedKernels(process.env).map(find));
}

function describe(kernel: Kernel): string {
  return `${kernel.release} (${kernel.source === 'host' ? "this host's own" : `from ${kernel.source}`})`;
}
