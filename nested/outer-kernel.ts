import { copyFileSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { readFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';

import { cached } from '../initramfs/cache';
import { HarnessError } from '../src/errors';
import { unpackImage } from '../src/host/kernel/boot-image';
import { debianKernels } from '../src/host/kernel/fetch-debian';
import type { OnFetchProgress } from '../src/host/kernel/kernel-source';
import { neededModules } from '../src/host/kernel/needed-modules';

/** With all that they depend on: KVM on AMD's extension, which QEMU emulates, and the host's files over a layer of memory. */
const WANTED_MODULES = ['virtio_mmio', '9pnet_virtio', '9p', 'overlay', 'kvm_amd'];

const CACHE_KIND = 'outer-kernel';
/** Changes whenever an entry of the same modules has another form than before. */
const FORMAT = 2;
/** A package of 90 MiB over a slow line. */
const FETCH_WAIT_MS = 900_000;

export interface OuterKernel {
  /** What QEMU loads. */
  image: string;
  /** Host paths, in load order. */
  modules: string[];
}

/**
 * The distribution's kernel for every machine, whose modules bring KVM. It has a place of its own, so that a test does not run on it that
 * does not name it. Fetched once; one that is there is used without asking for a newer one.
 * @throws HarnessError `kernel-fetch-failed`, `command-failed`, `kernel-module-unusable`, `cache-busy`
 */
export async function outerKernel(onProgress: OnFetchProgress): Promise<OuterKernel> {
  const key = `debian-amd64-${FORMAT}-${WANTED_MODULES.join('.')}`;
  const folder = await cached({ kind: CACHE_KIND, key, waitMs: FETCH_WAIT_MS }, (path) => fetchInto(path, onProgress));
  const names = JSON.parse(readFileSync(join(folder, 'modules.json'), 'utf8')) as string[];
  return { image: join(folder, 'vmlinux'), modules: names.map((name) => join(folder, `${name}.ko`)) };
}

async function fetchInto(folder: string, onProgress: OnFetchProgress): Promise<void> {
  const scratch = join(folder, 'unpacked');
  mkdirSync(scratch, { recursive: true });
  const offer = await debianKernels.newest('amd64', onProgress);
  const root = await offer.unpack(scratch, onProgress);
  onProgress({ doing: 'take the kernel and its modules' });
  writeFileSync(join(folder, 'vmlinux'), await readImage(join(root, 'boot'), offer.source));
  const [release] = await readdir(join(root, 'lib/modules'));
  const tree = join(root, 'lib/modules', release ?? '');
  const { load, absent } = await neededModules(tree, WANTED_MODULES);
  if (absent.length > 0) throw failed(offer.source, `the package lacks the modules ${absent.join(', ')}`);
  for (const { name, elf } of load) writeFileSync(join(folder, `${name}.ko`), elf);
  // Makes the folder a module tree of its own, for a guest that boots this kernel.
  copyFileSync(join(tree, 'modules.builtin'), join(folder, 'modules.builtin'));
  writeFileSync(join(folder, 'modules.json'), JSON.stringify(load.map(({ name }) => name)));
  rmSync(scratch, { recursive: true });
}

/** Unpacked where that can be done here: an emulated CPU takes a second for it. */
async function readImage(boot: string, source: string): Promise<Buffer> {
  const name = (await readdir(boot)).find((candidate) => candidate.startsWith('vmlinuz'));
  if (name === undefined) throw failed(source, 'the package has no boot/vmlinuz');
  const packed = await readFile(join(boot, name));
  const unpacked = await unpackImage(packed);
  return unpacked === null || unpacked === 'no-program' ? packed : unpacked;
}

function failed(source: string, reason: string): HarnessError {
  return new HarnessError('kernel-fetch-failed', { source, reason, remedy: 'run: apt-get update' });
}
