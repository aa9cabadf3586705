import { createHash } from 'node:crypto';
import { createReadStream, existsSync, readFileSync } from 'node:fs';
import { mkdir, readdir } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import type { BuildSource } from './build-source';
import { failingLines } from './failing-lines';
import { runInGroup } from './process-group';
import { sourceUnusable } from './source-tree';

const UNPACK_DEADLINE_MS = 900_000;

/** A source in an archive that tar can read; its content is its identity. */
export async function tarballSource(path: string): Promise<BuildSource> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(path), hash);
  return {
    name: 'tarball',
    source: `tarball ${path}`,
    identity: `sha256 ${hash.digest('hex')}`,
    async unpack(folder, onProgress) {
      onProgress({ doing: `unpack ${basename(path)}` });
      return unpackTarball(path, join(folder, 'tree'));
    },
  };
}

/** The root of the kernel tree in the archive: the folder itself, or the only one in it. */
export async function unpackTarball(path: string, folder: string): Promise<string> {
  await mkdir(folder);
  const log = `${folder}.log`;
  const args = ['-xf', path, '--no-same-owner', '-C', folder];
  const env = { ...process.env, LC_ALL: 'C' };
  const reason = await runInGroup({ command: 'tar', args, cwd: folder, env, deadlineMs: UNPACK_DEADLINE_MS, log });
  if (reason !== undefined) {
    const said = failingLines(readFileSync(log, 'utf8')).join('; ');
    throw sourceUnusable(path, `tar does not unpack it: ${reason}; ${said}`);
  }
  if (isKernelTree(folder)) return folder;
  const [only, ...others] = await readdir(folder);
  if (only !== undefined && others.length === 0 && isKernelTree(join(folder, only))) return join(folder, only);
  throw sourceUnusable(path, 'it holds no kernel source: neither Kbuild nor a single folder with it');
}

function isKernelTree(folder: string): boolean {
  return existsSync(join(folder, 'Kbuild'));
}
