import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { HarnessError } from '../../../errors';
import { compareReleases } from '../compare-releases';
import { aptQuery, downloadPackage, packageRecord, updatedWhenRoot, type DebianPackage } from '../debian-package';
import type { OnFetchProgress } from '../kernel-source';
import { runCommand } from '../run-command';
import type { BuildSource } from './build-source';
import { unpackTarball } from './tarball';

/** The first long-term series with sched_ext. */
const NAME = 'linux-source-6.12';
const UNPACK_DEADLINE_MS = 300_000;

/**
 * The newest kernel source of the distribution, downloaded by apt and unpacked by dpkg-deb, so no right to install is needed.
 * @throws HarnessError `kernel-fetch-failed`
 */
export async function debianSource(onProgress: OnFetchProgress): Promise<BuildSource> {
  onProgress({ doing: `look for the newest ${NAME}` });
  const found = await updatedWhenRoot(newest, onProgress);
  if (found === undefined) {
    const remedy = 'give a source tree or a tarball with --source';
    throw new HarnessError('kernel-fetch-failed', { source: 'Debian', reason: `apt knows no package ${NAME}`, remedy });
  }
  const source = `debian ${found.name} ${found.version}`;
  return {
    ...{ name: 'linux-source', source, identity: source },
    async unpack(folder, progress) {
      const archive = await downloadPackage(found, folder, progress);
      progress({ doing: `unpack ${found.name}` });
      const root = join(folder, 'package');
      await runCommand('dpkg-deb', ['-x', archive, root], {
        purpose: 'unpack the source package',
        deadlineMs: UNPACK_DEADLINE_MS,
      });
      await rm(archive);
      const inside = join(root, 'usr/src');
      const tarball = (await readdir(inside)).find((name) => name.startsWith(`${NAME}.tar`));
      if (tarball === undefined) throw new Error(`unpack ${found.name}: it has no usr/src/${NAME}.tar.*`);
      const tree = await unpackTarball(join(inside, tarball), join(folder, 'tree'));
      await rm(root, { recursive: true });
      return tree;
    },
  };
}

async function newest(): Promise<DebianPackage | undefined> {
  const names = (await aptQuery(['search', '--names-only', `^${NAME.replace('.', '\\.')}$`])).split('\n');
  const [name] = names.flatMap((line) => line.split(' - ')[0] || []).sort((a, b) => compareReleases(b, a));
  return name === undefined ? undefined : packageRecord(name);
}
