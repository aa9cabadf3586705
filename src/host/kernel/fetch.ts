import { existsSync } from 'node:fs';
import { copyFile, mkdir, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { HarnessError } from '../../errors';
import { describeImage } from './describe-image';
import { debianKernels } from './fetch-debian';
import type { Flavour, KernelSource, OnFetchProgress } from './kernel-source';
import { neededModules, WANTED_MODULES } from './needed-modules';
import { configFacts, type ConfigFacts } from './config-text';
import { countsEvents } from './event-counters';
import { storeKernel, storedKernels, type NewKernel } from './store';
import type { StoredKernel } from './store-entry';

export interface FetchOptions {
  cacheDir: string;
  flavour: Flavour;
  onProgress: OnFetchProgress;
  from?: KernelSource;
}

/**
 * Takes the distribution's newest kernel into the cache, without installing anything. One that is there already stays as it is.
 * @throws HarnessError `kernel-fetch-failed`, `command-failed`, `kernel-image-unusable`, `kernel-module-unusable`
 */
export async function fetchKernel(options: FetchOptions): Promise<{ kernel: StoredKernel; isNew: boolean }> {
  const { cacheDir, flavour, onProgress } = options;
  const offer = await (options.from ?? debianKernels).newest(flavour, onProgress);
  const known = storedKernels(cacheDir).find((kernel) => kernel.source === offer.source);
  if (known !== undefined) return { kernel: known, isNew: false };
  const kernel = await storeKernel(cacheDir, async (folder) => {
    const scratch = join(folder, 'unpacked');
    await mkdir(scratch);
    const root = await offer.unpack(scratch, onProgress);
    onProgress({ doing: 'read the kernel and take its modules' });
    const metadata = await takeOver({ root, source: offer.source }, folder);
    await rm(scratch, { recursive: true, force: true });
    return metadata;
  });
  return { kernel, isNew: true };
}

async function takeOver(from: { root: string; source: string }, folder: string): Promise<NewKernel> {
  const boot = join(from.root, 'boot');
  const image = (await readdir(boot)).find((name) => name.startsWith('vmlinuz'));
  if (image === undefined) throw failed(from.source, 'the package has no boot/vmlinuz');
  const { release } = await describeImage(join(boot, image));
  await copyFile(join(boot, image), join(folder, 'vmlinuz'));
  const facts = await takeConfig(join(boot, `config-${release}`), folder);
  const { modules, absent } = await takeModules({ ...from, release }, folder);
  return {
    ...{ key: release, release, arch: 'x86_64', image: 'vmlinuz', vmlinux: null, source: from.source },
    ...{ builtAt: new Date().toISOString(), ...facts, modules, absent, schedulers: [] },
    events: facts.schedExt && (await countsEvents(join(boot, image))),
  };
}

async function takeConfig(config: string, folder: string): Promise<ConfigFacts> {
  if (!existsSync(config)) return { schedExt: false, btf: false, configHash: '' };
  await copyFile(config, join(folder, 'config'));
  return configFacts(await readFile(config, 'utf8'));
}

async function takeModules(
  from: { root: string; source: string; release: string },
  folder: string,
): Promise<{ modules: string[]; absent: string[] }> {
  const trees = ['lib/modules', 'usr/lib/modules'].map((place) => join(from.root, place, from.release));
  const tree = trees.find((candidate) => existsSync(join(candidate, 'modules.builtin')));
  if (tree === undefined) throw failed(from.source, `the package has no lib/modules/${from.release}/modules.builtin`);
  const { load, absent } = await neededModules(tree, WANTED_MODULES);
  await mkdir(join(folder, 'modules'));
  const modules: string[] = [];
  for (const module of load) {
    const file = `modules/${module.name}.ko`;
    await writeFile(join(folder, file), module.elf);
    modules.push(file);
  }
  return { modules, absent };
}

function failed(source: string, reason: string): HarnessError {
  return new HarnessError('kernel-fetch-failed', { source, reason, remedy: 'take another one with --flavour amd64' });
}
