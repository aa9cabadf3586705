import { createHash } from 'node:crypto';

import { buildBase, type BaseImage } from '../initramfs/base';
import { bundleTest } from '../initramfs/bundle';
import { buildSuffix, type SuffixImage } from '../initramfs/suffix';
import { cacheDir } from '../src/host/kernel/store';
import { findKernel, type Kernel } from '../src/host/kernel/find';
import { bootImage } from '../src/host/kernel/boot-image';
import type { MachineName } from '../src/host/machine/machine';
import type { RunRequest } from '../src/spec/declare/run-request';
import type { TestId, TestSpec } from '../src/spec/declare/test-spec';
import { DEFAULT_PERIOD_MS } from '../src/verdict/monitor/monitor-thresholds';
import { topologyLabel } from '../src/spec/topology/topology';
import { tscKhz } from '../src/host/machine/tsc-rate';
import { timeScale } from '../src/spec/time-scale';
import { chooseMachine } from './availability';
import { baseEntries, includeManifest, schedulerManifest, suffixEntries } from './guest-files';
import { kernelCommandLine, tscArgument } from './kernel-command-line';
import { StackMapper } from './map-stack';
import { findSchedulers, hasWatchdogLimit } from './find-schedulers';

/** Everything that is settled before a machine starts. */
export interface Plan {
  machine: MachineName;
  kernel: Kernel;
  /** What the machine loads: the kernel's own ELF where it could be unpacked, else the image as it is. */
  kernelImage: string;
  cmdline: string;
  base: BaseImage;
  suffix: Buffer;
  mapper: StackMapper;
  /** Digest of all that a virtual-time run depends on besides the seed. */
  image: string;
  planMs: number;
  imageMs: number;
}

export interface PlanRequest {
  id: TestId;
  spec: TestSpec;
  rootDir: string;
  decorators: 'legacy' | 'standard';
}

/** Resolves the machine and the kernel, bundles the test file, builds the guest image. @throws {HarnessError} before anything boots */
export async function planRun({ id, spec, rootDir, decorators }: PlanRequest): Promise<Plan> {
  const startedAt = performance.now();
  const machine = chooseMachine(spec.machine);
  const cache = cacheDir(process.env);
  const [kernel, bundle, khz] = await Promise.all([
    findKernel({ option: spec.kernel, cacheDir: cache, env: process.env }),
    bundleTest({ entry: id.file, rootDir, external: ['ktstr', '@jest/globals'], decorators }),
    tscKhz(machine),
  ]);
  const kernelImage = await bootImage(kernel, cache);
  const cmdline = kernelCommandLine(spec, machine);
  const plannedAt = performance.now();
  const entries = baseEntries(kernel);
  const base = await buildBase({ entries });
  const includes = includeManifest(spec.includeFiles, rootDir, entries);
  const programs = findSchedulers(spec, { rootDir, kernel, env: process.env });
  const schedulers = schedulerManifest(programs, { base: entries, hasWatchdog: hasWatchdogLimit(spec) });
  const suffixWith = (seed: number): SuffixImage => {
    // What the console may say, what the monitor does and what is printed is the host's, as is where things lie: none of it may change the image.
    const guestSpec: TestSpec = {
      ...withoutPlaces(spec),
      seed,
      consoleAllow: [],
      verbose: false,
      monitor: { periodMs: DEFAULT_PERIOD_MS },
      watchBpfMaps: [],
      // JSON has no bigint. That the host writes is the guest's, what it writes is part of what the run depends on.
      bpfMapWrite: spec.bpfMapWrite.map((write) => ({ ...write, value: String(write.value) })),
    };
    delete guestSpec.kernel;
    const request: RunRequest = { test: { ...id, file: relativeName(id.file, rootDir) }, spec: guestSpec };
    const parts = { request, bundle: bundle.code, includes, schedulers, libraryDirs: base.libraryDirs };
    // A guest in virtual time is as fast as ever, and what it is given must not vary.
    return buildSuffix(suffixEntries({ ...parts, timeScale: machine === 'deterministic' ? 1 : timeScale() }));
  };
  const suffix = suffixWith(spec.seed).archive;
  const image = digest([
    kernel.digest,
    kernelImage === kernel.image ? 'packed' : 'unpacked',
    base.sha256,
    suffixWith(0).sha256,
    cmdline,
    machine,
    shapeOf(spec),
  ]);
  const doneAt = performance.now();
  return {
    ...{ machine, kernel, kernelImage, base, suffix, image },
    cmdline: `${tscArgument(khz)} ${cmdline}`,
    mapper: new StackMapper(bundle.map),
    planMs: plannedAt - startedAt,
    imageMs: doneAt - plannedAt,
  };
}

function withoutPlaces(spec: TestSpec): TestSpec {
  const { scheduler } = spec;
  return {
    ...spec,
    scheduler: scheduler.kind === 'binary' ? { ...scheduler, path: null } : scheduler,
    stagedSchedulers: spec.stagedSchedulers.map((staged) => ({ ...staged, path: null })),
  };
}

function shapeOf(spec: TestSpec): string {
  return `${topologyLabel(spec.topology)} ${spec.memoryMib}`;
}

/** The guest must not see where on this host the project lies, or the image would depend on it. */
function relativeName(file: string, rootDir: string): string {
  return file.startsWith(`${rootDir}/`) ? file.slice(rootDir.length + 1) : (file.split('/').at(-1) ?? file);
}

const DIGEST_CHARS = 16;

function digest(parts: readonly string[]): string {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(`${part.length} `).update(part);
  return hash.digest('hex').slice(0, DIGEST_CHARS);
}
