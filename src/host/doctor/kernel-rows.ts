import { existsSync, readFileSync, readdirSync, statSync } from 'node:fs';
import { basename, join } from 'node:path';
import { isHarnessError } from '../../errors';
import { describeImage } from '../kernel/describe-image';

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

/** Every entry of the cache, also those that are not complete. */
export async function kernelRows(cacheDir: string): Promise<KernelRow[]> {
  const root = join(cacheDir, 'kernels');
  const names = namesIn(root).filter((name) => !name.startsWith('.'));
  return Promise.all(names.sort().map((name) => kernelRow(join(root, name))));
}

/** What is known of one entry: from its metadata where these say it, else from the configuration that lies beside them. */
async function kernelRow(folder: string): Promise<KernelRow> {
  const { metadata, problem } = readMetadata(folder);
  const text = (name: string): string | null => (typeof metadata[name] === 'string' ? metadata[name] : null);
  const flag = (name: string): boolean | null => (typeof metadata[name] === 'boolean' ? metadata[name] : null);
  const list = (name: string): string[] => (Array.isArray(metadata[name]) ? metadata[name].map(String) : []);
  const config = readIfThere(join(folder, 'config'));
  const schedExt = flag('schedExt') ?? isSet(config, 'CONFIG_SCHED_CLASS_EXT');
  const modules = list('modules');
  return {
    key: text('key') ?? basename(folder),
    release: text('release'),
    source: text('source'),
    folder,
    btf: flag('btf') ?? isSet(config, 'CONFIG_DEBUG_INFO_BTF'),
    schedExt,
    events: flag('events') ?? (schedExt === false ? false : null),
    modules: modules.map((file) => basename(file, '.ko')),
    absent: list('absent'),
    problem: problem ?? (await fileProblem(folder, { image: text('image'), release: text('release'), modules })),
  };
}

function readMetadata(folder: string): { metadata: Record<string, unknown>; problem: string | null } {
  const content = readIfThere(join(folder, 'metadata.json'));
  if (content === null) return { metadata: {}, problem: 'it has no metadata.json' };
  try {
    const metadata: unknown = JSON.parse(content);
    if (typeof metadata === 'object' && metadata !== null)
      return { metadata: metadata as Record<string, unknown>, problem: null };
  } catch {
    // Told below.
  }
  return { metadata: {}, problem: 'its metadata.json is no JSON object' };
}

interface EntryFiles {
  image: string | null;
  release: string | null;
  modules: string[];
}

async function fileProblem(folder: string, { image, release, modules }: EntryFiles): Promise<string | null> {
  if (image === null || release === null) return 'its metadata.json names no image or no release';
  const lost = [image, ...modules].find((file) => !(sizeOf(join(folder, file)) > 0));
  if (lost !== undefined) return `its ${lost} is gone or empty`;
  try {
    const found = await describeImage(join(folder, image));
    return found.release === release ? null : `its ${image} is of release ${found.release}`;
  } catch (error) {
    if (!isHarnessError(error, 'kernel-image-unusable')) throw error;
    return `its ${image} is no kernel: ${error.fields.reason}`;
  }
}

/** None of a folder that is not there or that this user may not read. */
function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

function isSet(config: string | null, option: string): boolean | null {
  return config === null ? null : new RegExp(`^${option}=y$`, 'm').test(config);
}

function sizeOf(file: string): number {
  return statSync(file, { throwIfNoEntry: false })?.size ?? 0;
}

function readIfThere(file: string): string | null {
  return existsSync(file) ? readFileSync(file, 'utf8') : null;
}
