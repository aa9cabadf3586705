import { rmSync } from 'node:fs';
import { copyFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { acquireBuildLock, LOCK_SUFFIX, sweepLocks } from '../../../../initramfs/build-lock';
import { commandOf } from '../../../../initramfs/process-identity';
import { scratchPath, sweepScratch } from '../../../../initramfs/scratch';
import { HarnessError } from '../../../errors';
import { configFacts } from '../config-text';
import { countsEvents } from '../event-counters';
import type { OnFetchProgress } from '../kernel-source';
import { storeKernel, storedKernels, type NewKernel } from '../store';
import type { StoredKernel } from '../store-entry';
import { buildRequest, estimateFiles, kernelKey, readRecord, writeRecord, type BuildRequest } from './build-request';
import { compile } from './compile';
import { configure, kernelRelease } from './configure';
import { BUILD_BYTES, checkDiskSpace } from './disk-space';
import { findSource } from './find-source';
import { buildSchedulers } from './schedulers';
import { findToolchain } from './toolchain';
import { Workshop } from './workshop';

export interface BuildOptions {
  cacheDir: string;
  /** A source tree or a tarball; without, the distribution's. */
  source?: string | undefined;
  /** Fragments over the one of this package, the last one wins. */
  configs?: readonly string[];
  /** Builds also what is there, and replaces it. */
  force?: boolean;
  onProgress: OnFetchProgress;
  /** Free space that is asked for; what a kernel takes by default. */
  neededBytes?: number;
}

export interface BuiltKernel {
  kernel: StoredKernel;
  isNew: boolean;
  /** Why there are no example schedulers. */
  noSchedulers?: string;
}

/** Longer than a build takes on one slow core. */
const WAIT_MS = 4 * 3_600_000;
const STRIP_DEADLINE_MS = 300_000;

/**
 * Builds a kernel into the cache. One that is there, of the same source, configuration and compilers, stays as it is; of several that
 * build the same, one builds and the others wait.
 * @throws HarnessError `kernel-source-unusable`, `kernel-config-incomplete`, `kernel-build-failed`, `kernel-build-space`, `cache-busy`
 */
export async function buildKernel(options: BuildOptions): Promise<BuiltKernel> {
  const { cacheDir, onProgress, force = false } = options;
  const source = await findSource(options.source, onProgress);
  const request = buildRequest(source, await findToolchain(), options.configs ?? []);
  const builds = join(cacheDir, 'kernel-builds');
  const known = () => storedKernels(cacheDir).find(({ key }) => key === readRecord(builds, request.id)?.key);
  const there = force ? undefined : known();
  if (there !== undefined) return { kernel: there, isNew: false };
  await checkDiskSpace(builds, options.neededBytes ?? BUILD_BYTES);
  const outcome = await acquireBuildLock({
    path: join(builds, request.id + LOCK_SUFFIX),
    waitMs: WAIT_MS,
    isDone: () => !force && known() !== undefined,
    onWait: ({ pid }) => onProgress({ doing: `wait for process ${pid} (${commandOf(pid)}), which builds the same` }),
  });
  if (outcome.kind === 'timed-out') throw busy(source.source, outcome.holder.pid);
  using _ = outcome.kind === 'held' ? untilExit(outcome.lock) : undefined;
  const meanwhile = force ? undefined : known();
  if (meanwhile !== undefined) return { kernel: meanwhile, isNew: false };
  sweepScratch(builds);
  sweepLocks(builds);
  return await buildIn(builds, request, options);
}

async function buildIn(builds: string, request: BuildRequest, options: BuildOptions): Promise<BuiltKernel> {
  const { cacheDir, onProgress } = options;
  const keptLog = join(builds, `${request.id}.log`);
  rmSync(keptLog, { force: true });
  const workshop = new Workshop(scratchPath(builds), { source: request.source.source, keptLog });
  // Compilers that are being killed may still add a file to a folder that is being removed.
  const removeNow = () => rmSync(workshop.folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 50 });
  process.once('exit', removeNow);
  try {
    await workshop.open();
    const tree = await request.source.unpack(workshop.source, onProgress);
    onProgress({ doing: 'configure' });
    const config = await configure(workshop, tree, request.fragments);
    const release = await kernelRelease(workshop, tree);
    const facts = configFacts(config);
    const key = kernelKey(request, { release, configHash: facts.configHash });
    const made = await compile(workshop, tree, { estimate: estimateFiles(builds, request.id), onProgress });
    let noSchedulers: string | undefined;
    const fill = async (entry: string): Promise<NewKernel> => {
      onProgress({ doing: 'build the example schedulers' });
      const clang = request.toolchain.clang;
      const schedulers = await buildSchedulers(workshop, { tree, entry, clang });
      if (typeof schedulers === 'string') noSchedulers = schedulers;
      onProgress({ doing: 'store' });
      await takeImage(workshop, config, entry);
      return {
        ...{ key, release, arch: 'x86_64', image: 'bzImage', vmlinux: 'vmlinux', source: request.source.source },
        ...{ builtAt: new Date().toISOString(), ...facts, modules: [], absent: [] },
        events: await countsEvents(join(entry, 'vmlinux')),
        schedulers: typeof schedulers === 'string' ? [] : schedulers,
      };
    };
    const kernel = await storeKernel(cacheDir, fill, { replaces: options.force ?? false });
    writeRecord(builds, request.id, { key, madeFiles: made });
    return noSchedulers === undefined ? { kernel, isNew: true } : { kernel, isNew: true, noSchedulers };
  } finally {
    removeNow();
    process.removeListener('exit', removeNow);
  }
}

/** The stripped vmlinux keeps its symbols and BTF, which are what tools read, and goes without debug information, which is most of it. */
async function takeImage(workshop: Workshop, config: string, entry: string): Promise<void> {
  await copyFile(join(workshop.out, 'arch/x86/boot/bzImage'), join(entry, 'bzImage'));
  const args = ['--strip-debug', join(workshop.out, 'vmlinux'), join(entry, 'vmlinux')];
  await workshop.run('objcopy', args, { stage: 'strip', deadlineMs: STRIP_DEADLINE_MS });
  await writeFile(join(entry, 'config'), config);
}

/** Freed also when a signal ends this process. */
function untilExit(lock: Disposable): Disposable {
  const free = () => lock[Symbol.dispose]();
  process.once('exit', free);
  return {
    [Symbol.dispose]() {
      process.removeListener('exit', free);
      free();
    },
  };
}

function busy(source: string, pid: number): HarnessError {
  const fields = { kind: 'kernel', key: source, pid, command: commandOf(pid), waitedMs: WAIT_MS };
  return new HarnessError('cache-busy', fields);
}
