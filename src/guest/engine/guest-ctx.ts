import { HarnessError } from '../../errors';
import type { Ctx } from '../../spec/declare/ctx';
import type { TestSpec } from '../../spec/declare/test-spec';
import type { GuestTopology } from '../../spec/topology/guest-topology';
import { realCgroupFs, type CgroupFs } from '../cgroup/cgroup-fs';
import type { Channel } from '../channel';

/** What the engine needs beside what authors see. */
export interface GuestCtx extends Ctx {
  readonly guest: { channel: Pick<Channel, 'send'>; cgroups: CgroupFs };
}

export function makeGuestCtx(from: { spec: TestSpec; topology: GuestTopology; channel: Channel }): GuestCtx {
  const { durationMs, workersPerCgroup, seed, thresholds } = from.spec;
  const guest = { channel: from.channel, cgroups: realCgroupFs() };
  return { topology: from.topology, durationMs, workersPerCgroup, seed, thresholds, guest };
}

/** @throws {HarnessError} `guest-only` for the context of a test that runs on the host */
export function guestCtx(ctx: Ctx, what: string): GuestCtx {
  if ('guest' in ctx) return ctx as GuestCtx;
  throw new HarnessError('guest-only', { what });
}
