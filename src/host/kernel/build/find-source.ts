import { statSync } from 'node:fs';
import { resolve } from 'node:path';
import type { OnFetchProgress } from '../kernel-source';
import type { BuildSource } from './build-source';
import { debianSource } from './source-debian';
import { sourceUnusable, treeSource } from './source-tree';
import { tarballSource } from './tarball';

/** The source at a path of the user, a folder or an archive; the distribution's when there is none. */
export async function findSource(path: string | undefined, onProgress: OnFetchProgress): Promise<BuildSource> {
  if (path === undefined) return debianSource(onProgress);
  const absolute = resolve(path);
  const info = statSync(absolute, { throwIfNoEntry: false });
  if (info === undefined) throw sourceUnusable(absolute, 'it does not exist');
  onProgress({ doing: `read ${absolute}` });
  return info.isDirectory() ? treeSource(absolute) : tarballSource(absolute);
}
