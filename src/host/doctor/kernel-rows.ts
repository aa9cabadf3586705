import { basename } from 'node:path';
import { readStore } from '../kernel/store';

/** A kernel of the cache, and what it can do; null where that is not known. */
export interface KernelRow {
  /** Name of its entry in the cache. */
  key: string;
  release: string | null;
  source: string | null;
  folder: string;
  btf: boolean | null;
  schedExt: boolean | null;
  /** Whether sched_ext counts its events (fallbacks, bypasses and the like). */
  events: boolean | null;
  /** What a guest loads, in this order. */
  modules: string[];
  /** What a guest may need and this kernel does not have. */
  absent: string[];
  /** Why the entry cannot be used; null when it can. */
  problem: string | null;
}

/** Every entry of the cache, also those that cannot be used, which come last. */
export function kernelRows(cacheDir: string): KernelRow[] {
  const { kernels, corrupt } = readStore(cacheDir);
  return [
    ...kernels.map(({ key, release, source, folder, btf, schedExt, events, modules, absent }) => ({
      ...{ key, release, source, folder, btf, schedExt, events },
      modules: modules.map((file) => basename(file, '.ko')),
      ...{ absent, problem: null },
    })),
    ...corrupt.map(({ key, folder, reason }) => ({
      ...{ key, release: null, source: null, folder, btf: null, schedExt: null, events: null },
      ...{ modules: [], absent: [], problem: reason },
    })),
  ];
}
