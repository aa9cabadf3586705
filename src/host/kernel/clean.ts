import { existsSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { sweepLocks } from '../../../initramfs/build-lock';
import { sweepScratch } from '../../../initramfs/scratch';
import { readStore, storeFolder } from './store';
import { removeEntry } from './store-entry';

export interface CleanOptions {
  /** How many kernels stay, those first that a test would take; all by default. */
  keep?: number | undefined;
  corrupt?: boolean | undefined;
}

/** Removes what is asked for, and always what builds and fetches that were killed or have failed left; gives back the keys of the removed kernels. */
export function cleanStore(cache: string, { keep, corrupt = false }: CleanOptions): string[] {
  const stored = readStore(cache);
  const doomed = [...(keep === undefined ? [] : stored.kernels.slice(keep)), ...(corrupt ? stored.corrupt : [])];
  for (const { folder } of doomed) removeEntry(folder);
  const builds = join(cache, 'kernel-builds');
  for (const folder of [storeFolder(cache), builds]) if (existsSync(folder)) sweepScratch(folder);
  if (existsSync(builds)) {
    sweepLocks(builds);
    for (const name of readdirSync(builds)) if (name.endsWith('.log')) rmSync(join(builds, name), { force: true });
  }
  return doomed.map(({ key }) => key);
}
