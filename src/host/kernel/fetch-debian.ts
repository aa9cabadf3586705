import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { HarnessError, isHarnessError } from '../../errors';
import { compareReleases } from './compare-releases';
import type { Flavour, KernelOffer, KernelSource, OnFetchProgress } from './kernel-source';
import { runCommand } from './run-command';

/** The first long-term series with everything that the tests of this package use, and the one of Debian 13. */
const SERIES = '6.12';

const QUERY_DEADLINE_MS = 60_000;
const UPDATE_DEADLINE_MS = 180_000;
const DOWNLOAD_DEADLINE_MS = 900_000;
const UNPACK_DEADLINE_MS = 180_000;
/** How often the size of a running download is looked at. */
const POLL_MS = 200;

const ENGLISH = { ...process.env, LC_ALL: 'C' };
const isRoot = () => process.getuid?.() === 0;

/**
 * Kernels of Debian's archive. Its unsigned packages hold the same image as the signed ones and depend on nothing; one is
 * downloaded by apt, which checks hash and signature, and unpacked by dpkg-deb, so no right to install is needed.
 */
export const debianKernels: KernelSource = {
  async newest(flavour, onProgress) {
    onProgress({ doing: `look for the newest ${SERIES} ${flavour} kernel` });
    let found = await newestPackage(flavour);
    if (found === undefined && isRoot()) {
      onProgress({ doing: 'apt-get update' });
      await runCommand('apt-get', ['update', '-q'], {
        purpose: 'read the package lists',
        deadlineMs: UPDATE_DEADLINE_MS,
        env: ENGLISH,
      });
      found = await newestPackage(flavour);
    }
    if (found !== undefined) return offerOf(found);
    throw new HarnessError('kernel-fetch-failed', {
      source: `Debian ${SERIES} ${flavour}`,
      reason: `apt knows no package ${packagePattern(flavour)}`,
      remedy: isRoot() ? OWN_KERNEL : `run: sudo apt-get update; or ${OWN_KERNEL}`,
    });
  },
};

const OWN_KERNEL = 'set KTSTR_KERNEL to the path of a kernel image';

interface DebianPackage {
  name: string;
  version: string;
  sizeBytes: number;
}

async function newestPackage(flavour: Flavour): Promise<DebianPackage | undefined> {
  const found = await query(['search', '--names-only', packagePattern(flavour)]);
  const names = found.split('\n').flatMap((line) => line.split(' - ')[0] || []);
  const name = names.sort((a, b) => compareReleases(releaseOf(b), releaseOf(a)))[0];
  if (name === undefined) return undefined;
  const record = await query(['show', '--no-all-versions', name]);
  const field = (key: string) => new RegExp(`^${key}: (.*)$`, 'm').exec(record)?.[1] ?? '';
  return { name, version: field('Version'), sizeBytes: Number(field('Size')) };
}

/** No further dash before the flavour, so that `amd64` finds neither `cloud-amd64` nor `rt-amd64`. */
function packagePattern(flavour: Flavour): string {
  const suffix = flavour === 'cloud' ? 'cloud-amd64' : 'amd64';
  return `^linux-image-${SERIES.replace('.', '\\.')}\\.[^-]*-${suffix}-unsigned$`;
}

function releaseOf(name: string): string {
  return name.replace('linux-image-', '');
}

async function query(args: string[]): Promise<string> {
  const options = { purpose: "ask apt for the distribution's kernels", deadlineMs: QUERY_DEADLINE_MS, env: ENGLISH };
  const { stdout } = await runCommand('apt-cache', args, options).catch((cause: unknown) => {
    if (!isHarnessError(cause, 'command-failed') || !cause.fields.reason.includes('not installed')) throw cause;
    const reason = 'this system has no apt, and Debian is the only distribution that kernels are fetched from';
    throw new HarnessError(
      'kernel-fetch-failed',
      { source: `Debian ${SERIES}`, reason, remedy: OWN_KERNEL },
      { cause },
    );
  });
  return stdout.toString();
}

function offerOf(found: DebianPackage): KernelOffer {
  return {
    source: `debian ${found.name} ${found.version}`,
    async unpack(folder, onProgress) {
      await download(found, folder, onProgress);
      const archive = (await readdir(folder)).find((name) => name.endsWith('.deb'));
      if (archive === undefined) throw new Error(`download ${found.name}: apt left no package in ${folder}`);
      onProgress({ doing: `unpack ${found.name}` });
      await runCommand('dpkg-deb', ['-x', join(folder, archive), join(folder, 'root')], {
        purpose: 'unpack the kernel package',
        deadlineMs: UNPACK_DEADLINE_MS,
      });
      return join(folder, 'root');
    },
  };
}

async function download(found: DebianPackage, folder: string, onProgress: OnFetchProgress): Promise<void> {
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
