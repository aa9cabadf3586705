import { isReleaseOf } from './compare-releases';
import { nearestName } from '../../spec/declare/nearest-name';
import type { CorruptKernel, StoredKernel } from './store-entry';

export type NamedKernel = { kernel: StoredKernel } | { kernel?: undefined; refusal: string; corrupt?: CorruptKernel };

interface Stored {
  /** In the order of preference. */
  kernels: readonly StoredKernel[];
  corrupt: readonly CorruptKernel[];
}

/**
 * The stored kernel that is meant by its key, its release, a series of releases, of which the first is taken, or the beginning of one key.
 * Else why there is none.
 */
export function findByName({ kernels, corrupt }: Stored, wanted: string): NamedKernel {
  const exact =
    kernels.find(({ key }) => key === wanted) ?? kernels.find(({ release }) => isReleaseOf(wanted, release));
  if (exact !== undefined) return { kernel: exact };
  const broken = corrupt.find(({ key }) => key === wanted);
  if (broken !== undefined) return { refusal: `is corrupt: ${broken.reason}`, corrupt: broken };
  const [only, ...others] = kernels.filter(
    ({ key, release }) => key.startsWith(wanted) && wanted.length > release.length,
  );
  if (only === undefined)
    return { refusal: `neither the path of a file nor a kernel of the cache${suggestion(kernels, wanted)}` };
  if (others.length === 0) return { kernel: only };
  return { refusal: `is the beginning of several keys: ${[only, ...others].map(({ key }) => key).join(', ')}` };
}

function suggestion(kernels: readonly StoredKernel[], wanted: string): string {
  const nearest = nearestName(
    wanted,
    kernels.flatMap(({ key, release }) => [key, release]),
  );
  return nearest === null ? '' : `; did you mean ${nearest}?`;
}
