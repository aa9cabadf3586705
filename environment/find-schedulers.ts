import { join } from 'node:path';

import type { Kernel } from '../src/host/kernel/find';
import { findScheduler } from '../src/host/scheduler/find-scheduler';
import { packageRoot } from '../src/package-root';
import type { TestSpec } from '../src/spec/declare/test-spec';

/** The programs of all schedulers of a test, by the schedulers' names. @throws {HarnessError} `scheduler-not-found` */
export function findSchedulers(
  { scheduler, stagedSchedulers }: TestSpec,
  { rootDir, kernel, env }: { rootDir: string; kernel: Kernel; env: NodeJS.ProcessEnv },
): Map<string, string> {
  const places = {
    rootDir,
    env,
    kernelSchedulers: kernel.folder === null ? null : join(kernel.folder, 'schedulers'),
    ownSchedulers: join(packageRoot(), 'native/build/bpf'),
  };
  const programs = [...(scheduler.kind === 'binary' ? [scheduler] : []), ...stagedSchedulers];
  return new Map(programs.map((program) => [program.name, findScheduler(program, places)]));
}
