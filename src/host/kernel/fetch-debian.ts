import { join } from 'node:path';
import { HarnessError } from '../../errors';
import { compareReleases } from './compare-releases';
import {
  aptQuery,
  downloadPackage,
  isRoot,
  packageRecord,
  updatedWhenRoot,
  type DebianPackage,
} from './debian-package';
import type { Flavour, KernelOffer, KernelSource } from './kernel-source';
import { runCommand } from './run-command';

/** The first long-term series with everything that the tests of this package use, and the one of Debian 13. */
const SERIES = '6.12';

const UNPACK_DEADLINE_MS = 180_000;

/**
 * Kernels of Debian's archive. Its unsigned packages hold the same image as the signed ones and depend on nothing; one is
 * downloaded by apt, which checks hash and signature, and unpacked by dpkg-deb, so no right to install is needed.
 */
export const debianKernels: KernelSource = {
  async newest(flavour, onProgress) {
    onProgress({ doing: `look for the newest ${SERIES} ${flavour} kernel` });
    const found = await updatedWhenRoot(() => newestPackage(flavour), onProgress);
    if (found !== undefined) return offerOf(found);
    throw new HarnessError('kernel-fetch-failed', {
      source: `Debian ${SERIES} ${flavour}`,
      reason: `apt knows no package ${packagePattern(flavour)}`,
      remedy: isRoot() ? OWN_KERNEL : `run: sudo apt-get update; or ${OWN_KERNEL}`,
    });
  },
};

const OWN_KERNEL = 'set KTSTR_KERNEL to the path of a kernel image';

async function newestPackage(flavour: Flavour): Promise<DebianPackage | undefined> {
  const found = await aptQuery(['search', '--names-only', packagePattern(flavour)]);
  const names = found.split('\n').flatMap((line) => line.split(' - ')[0] || []);
  const name = names.sort((a, b) => compareReleases(releaseOf(b), releaseOf(a)))[0];
  return name === undefined ? undefined : packageRecord(name);
}

/** No further dash before the flavour, so that `amd64` finds neither `cloud-amd64` nor `rt-amd64`. */
function packagePattern(flavour: Flavour): string {
  const suffix = flavour === 'cloud' ? 'cloud-amd64' : 'amd64';
  return `^linux-image-${SERIES.replace('.', '\\.')}\\.[^-]*-${suffix}-unsigned$`;
}

function releaseOf(name: string): string {
  return name.replace('linux-image-', '');
}

function offerOf(found: DebianPackage): KernelOffer {
  return {
    source: `debian ${found.name} ${found.version}`,
    async unpack(folder, onProgress) {
      const archive = await downloadPackage(found, folder, onProgress);
      onProgress({ doing: `unpack ${found.name}` });
      await runCommand('dpkg-deb', ['-x', archive, join(folder, 'root')], {
        purpose: 'unpack the kernel package',
        deadlineMs: UNPACK_DEADLINE_MS,
      });
      return join(folder, 'root');
    },
  };
}
