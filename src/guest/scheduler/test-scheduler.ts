import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';

import { HarnessError, isHarnessError } from '../../errors';
import type { GuestErrorData } from '../../protocol/messages';
import type { TestSpec } from '../../spec/declare/test-spec';
import type { BuiltinScheduler, GuestWrite, SchedulerProgram } from '../../spec/scheduler/scheduler-data';
import type { SchedulerRun } from '../../verdict/scheduler/scheduler-run';
import { realCgroupFs } from '../cgroup/cgroup-fs';
import { makeCgroup } from '../cgroup/scenario-cgroups';
import type { Channel } from '../channel';
import { CONTROLLERS } from '../engine/execute-defs';
import { toGuestError } from '../guest-error';
import type { GuestKit } from '../guest-kit';
import { hostHasWritten } from './host-writes';
import { KernelLog } from './kernel-log';
import { SchedulerControl } from './scheduler-control';

/** The scheduler of a test around its body. */
export interface TestScheduler {
  control: SchedulerControl;
  /** False when the scheduler could not be started, or not be made what the test asks for: there is no use in running the body. */
  isReady: boolean;
  /** Ends what still runs. Resolves with every run and with what else went wrong, at the latest after 6 s. */
  finish(): Promise<{ runs: SchedulerRun[]; errors: GuestErrorData[] }>;
}

/** Makes what the schedulers of a test need in the guest and starts the one that it names. */
export async function startScheduler(
  spec: TestSpec,
  { channel, kit }: { channel: Channel; kit: GuestKit },
): Promise<TestScheduler> {
  const { scheduler, stagedSchedulers, bpfMapWrite } = spec;
  const boot = scheduler.kind === 'binary' ? scheduler : null;
  const control = new SchedulerControl({
    boot,
    staged: stagedSchedulers,
    openLog: () => KernelLog.open(kit),
    onRun: (index, run) => channel.send({ kind: 'scheduler', index, run }),
  });
  const errors: GuestErrorData[] = [];
  const attempt = async (work: () => void | Promise<void>): Promise<boolean> => {
    try {
      await work();
      return true;
    } catch (error) {
      // What became of a scheduler stands in its run.
      if (!isHarnessError(error, 'scheduler-control')) errors.push(toGuestError(error));
      return false;
    }
  };
  const isAttached = await attempt(async () => {
    for (const program of [...(boot ? [boot] : []), ...stagedSchedulers]) prepare(program);
    if (scheduler.kind === 'builtin') applyAll(scheduler, scheduler.enable);
    if (boot) await control.attach();
  });
  const isReady = isAttached && (bpfMapWrite.length === 0 || (await hostHasWritten()));
  return {
    control,
    isReady,
    async finish() {
      const runs = await control.finish();
      if (scheduler.kind === 'builtin') await attempt(() => applyAll(scheduler, scheduler.disable));
      return { runs, errors };
    },
  };
}

function prepare({ config, cgroupParent }: SchedulerProgram): void {
  if (config !== null) {
    mkdirSync(dirname(config.guestPath), { recursive: true });
    writeFileSync(config.guestPath, config.text);
  }
  if (cgroupParent !== null) makeCgroup(realCgroupFs(), cgroupParent.slice(1), CONTROLLERS);
}

function applyAll({ name }: BuiltinScheduler, writes: readonly GuestWrite[]): void {
  for (const { file, text } of writes) {
    try {
      writeFileSync(file, text);
    } catch (cause) {
      const reason = cause instanceof Error ? cause.message : String(cause);
      throw new HarnessError('scheduler-write', { scheduler: name, file, text, reason }, { cause });
    }
  }
}
