import { existsSync, readFileSync, renameSync, rmSync, statSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { scratchPath } from '../../../initramfs/scratch';
import { wrongFields, type KernelMetadata } from './metadata';

export const METADATA = 'metadata.json';

/** A kernel of the cache; `image`, `vmlinux` and `modules` are paths of the host. */
export interface StoredKernel extends KernelMetadata {
  folder: string;
}

export type Corruption = 'no-metadata' | 'bad-metadata' | 'schema' | 'image-missing' | 'file-missing' | 'truncated';

/** A folder of the store that is no complete entry. */
export interface CorruptKernel {
  key: string;
  folder: string;
  kind: Corruption;
  /** For people, e.g. `the image bzImage has 5 bytes, it was stored with 900`. */
  reason: string;
}

export function readEntry(folder: string): StoredKernel | CorruptKernel {
  const corrupt = (kind: Corruption, reason: string) => ({ key: basename(folder), folder, kind, reason });
  const file = join(folder, METADATA);
  if (!existsSync(file)) return corrupt('no-metadata', `it has no ${METADATA}`);
  const metadata = readJson(file);
  if (metadata === undefined) return corrupt('bad-metadata', `its ${METADATA} is not JSON`);
  const wrong = wrongFields(metadata);
  if (wrong.length > 0)
    return corrupt(
      'schema',
      `its ${METADATA} is of another version of ktstr: ${wrong.join(', ')} missing or of another type`,
    );
  return checkFiles(folder, metadata as KernelMetadata, corrupt) ?? toStored(folder, metadata as KernelMetadata);
}

function readJson(file: string): unknown {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch {
    return undefined;
  }
}

function checkFiles(
  folder: string,
  metadata: KernelMetadata,
  corrupt: (kind: Corruption, reason: string) => CorruptKernel,
): CorruptKernel | undefined {
  const named = [metadata.image, ...(metadata.vmlinux === null ? [] : [metadata.vmlinux]), ...metadata.modules];
  const unsized = named.find((name) => !(name in metadata.sizes));
  if (unsized !== undefined) return corrupt('schema', `its ${METADATA} gives no size for ${unsized}`);
  for (const [name, size] of Object.entries(metadata.sizes)) {
    const found = statSync(join(folder, name), { throwIfNoEntry: false })?.size;
    const isImage = name === metadata.image;
    if (found === undefined && isImage) return corrupt('image-missing', `the image ${name} is missing`);
    if (found === undefined) return corrupt('file-missing', `the file ${name} is missing`);
    if (found !== size)
      return corrupt(
        'truncated',
        `the ${isImage ? 'image' : 'file'} ${name} has ${found} bytes, it was stored with ${size}`,
      );
  }
  return undefined;
}

function toStored(folder: string, metadata: KernelMetadata): StoredKernel {
  return {
    ...metadata,
    folder,
    image: join(folder, metadata.image),
    vmlinux: metadata.vmlinux === null ? null : join(folder, metadata.vmlinux),
    modules: metadata.modules.map((module) => join(folder, module)),
  };
}

/** First out of sight in one step, so that nobody meets an entry that is half gone. */
export function removeEntry(folder: string): void {
  const doomed = scratchPath(dirname(folder));
  try {
    renameSync(folder, doomed);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return;
    throw error;
  }
  rmSync(doomed, { recursive: true, force: true });
}
