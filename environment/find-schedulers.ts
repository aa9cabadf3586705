import { join } from 'node:path';

import type { Kernel } from '../src/host/kernel/find';
import { findScheduler } from '../src/host/scheduler/find-scheduler';
import { packageRoot } from '../src/package-root';
import type { TestSpec } from '../src/spec/declare/test-spec';
import type { SchedulerProgram } from '../src/spec/scheduler/scheduler-data';

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
  return new Map(
    programsOf({ scheduler, stagedSchedulers }).map((program) => [program.name, findScheduler(program, places)]),
  );
}

/** Whether a scheduler of the test is to have another limit of the watchdog than its own. */
export function hasWatchdogLimit(spec: TestSpec): boolean {
  return programsOf(spec).some(({ watchdogTimeoutMs }) => watchdogTimeoutMs !== null);
}

/** The programs that a test can start. */
export function programsOf({
  scheduler,
  stagedSchedulers,
}: Pick<TestSpec, 'scheduler' | 'stagedSchedulers'>): SchedulerProgram[] {
  return [...(scheduler.kind === 'binary' ? [scheduler] : []), ...stagedSchedulers];
}
