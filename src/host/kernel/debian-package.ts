import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { HarnessError, isHarnessError } from '../../errors';
import type { OnFetchProgress } from './kernel-source';
import { runCommand } from './run-command';

const QUERY_DEADLINE_MS = 60_000;
const UPDATE_DEADLINE_MS = 180_000;
const DOWNLOAD_DEADLINE_MS = 900_000;
/** How often the size of a running download is looked at. */
const POLL_MS = 200;

const ENGLISH = { ...process.env, LC_ALL: 'C' };

export const isRoot = () => process.getuid?.() === 0;

export interface DebianPackage {
  name: string;
  version: string;
  sizeBytes: number;
}

/** What apt-cache says. @throws HarnessError `kernel-fetch-failed` on a system without apt */
export async function aptQuery(args: string[]): Promise<string> {
  const options = { purpose: "ask apt for the distribution's kernels", deadlineMs: QUERY_DEADLINE_MS, env: ENGLISH };
  const { stdout } = await runCommand('apt-cache', args, options).catch((cause: unknown) => {
    if (!isHarnessError(cause, 'command-failed') || !cause.fields.reason.includes('not installed')) throw cause;
    const reason = 'this system has no apt, and Debian is the only distribution that kernels are fetched from';
    const remedy = 'set KTSTR_KERNEL to the path of a kernel image, or build one from a source of yours (--source)';
    throw new HarnessError('kernel-fetch-failed', { source: 'Debian 6.12', reason, remedy }, { cause });
  });
  return stdout.toString();
}

/** The newest version of a package. */
export async function packageRecord(name: string): Promise<DebianPackage> {
  const record = await aptQuery(['show', '--no-all-versions', name]);
  const field = (key: string) => new RegExp(`^${key}: (.*)$`, 'm').exec(record)?.[1] ?? '';
  return { name, version: field('Version'), sizeBytes: Number(field('Size')) };
}

/** Asks once more with package lists that are read anew, when there is nothing and this user may read them. */
export async function updatedWhenRoot<T>(
  ask: () => Promise<T | undefined>,
  onProgress: OnFetchProgress,
): Promise<T | undefined> {
  const found = await ask();
  if (found !== undefined || !isRoot()) return found;
  onProgress({ doing: 'apt-get update' });
  await runCommand('apt-get', ['update', '-q'], {
    purpose: 'read the package lists',
    deadlineMs: UPDATE_DEADLINE_MS,
    env: ENGLISH,
  });
  return ask();
}

/** Downloads into an empty folder, where apt checks hash and signature; gives back the path of the package. */
export async function downloadPackage(
  found: DebianPackage,
  folder: string,
  onProgress: OnFetchProgress,
): Promise<string> {
  const doing = `download ${found.name}, ${Math.round(found.sizeBytes / (1 << 20))} MiB`;
  onProgress({ doing, fraction: 0 });
  const poll = setInterval(() => {
    void bytesIn(folder).then((bytes) => onProgress({ doing, fraction: Math.min(1, bytes / found.sizeBytes) }));
  }, POLL_MS);
  // apt gives up root for downloads and warns when its own user cannot write to the folder, as is the case in a private one.
  const sandbox = isRoot() ? ['-o', 'APT::Sandbox::User=root'] : [];
  try {
    await runCommand('apt-get', ['download', '-q', ...sandbox, `${found.name}=${found.version}`], {
      purpose: `download ${found.name}`,
      deadlineMs: DOWNLOAD_DEADLINE_MS,
      cwd: folder,
      env: ENGLISH,
    });
  } finally {
    clearInterval(poll);
  }
  const archive = (await readdir(folder)).find((name) => name.endsWith('.deb'));
  if (archive === undefined) throw new Error(`download ${found.name}: apt left no package in ${folder}`);
  return join(folder, archive);
}

async function bytesIn(folder: string): Promise<number> {
  const names = await readdir(folder).catch(() => []);
  const sizes = await Promise.all(
    names.map((name) =>
      stat(join(folder, name)).then(
        (info) => info.size,
        () => 0,
      ),
    ),
  );
  return sizes.reduce((sum, size) => sum + size, 0);
}
