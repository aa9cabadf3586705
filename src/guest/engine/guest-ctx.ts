import { HarnessError } from '../../errors';
import type { Ctx } from '../../spec/declare/ctx';
import type { TestSpec } from '../../spec/declare/test-spec';
import type { GuestTopology } from '../../spec/topology/guest-topology';
import { realCgroupFs, type CgroupFs } from '../cgroup/cgroup-fs';
import type { Channel } from '../channel';
import type { SchedulerControl } from '../scheduler/scheduler-control';
import type { Waits } from '../waits';

/** What the engine needs beside what authors see. */
export interface GuestCtx extends Ctx {
  readonly guest: {
    channel: Pick<Channel, 'send'>;
    cgroups: CgroupFs;
    /** Where the cgroups of scenarios are made, without the first slash. */
    cgroupParent: string | undefined;
    /** Resolves when the scheduler fails: what waits is then cut short. */
    schedulerFailed: Promise<unknown>;
    waits: Waits;
  };
}

interface GuestCtxParts {
  spec: TestSpec;
  topology: GuestTopology;
  channel: Channel;
  scheduler: SchedulerControl;
  waits: Waits;
}

export function makeGuestCtx({ spec, topology, channel, scheduler, waits }: GuestCtxParts): GuestCtx {
  const { durationMs, workersPerCgroup, seed, thresholds } = spec;
  const guest = {
    channel,
    cgroups: realCgroupFs(),
    cgroupParent: cgroupParentOf(spec),
    schedulerFailed: scheduler.failed,
    waits,
  };
  return { topology, durationMs, workersPerCgroup, seed, thresholds, scheduler, guest };
}

/** Where the scheduler of a test looks for the cgroups of scenarios, without the first slash; undefined when it does not care. */
export function cgroupParentOf({ scheduler }: TestSpec): string | undefined {
  return scheduler.kind === 'binary' ? scheduler.cgroupParent?.slice(1) : undefined;
}

/** @throws {HarnessError} `guest-only` for the context of a test that runs on the host */
export function guestCtx(ctx: Ctx, what: string): GuestCtx {
  if ('guest' in ctx) return ctx as GuestCtx;
  throw new HarnessError('guest-only', { what });
}
