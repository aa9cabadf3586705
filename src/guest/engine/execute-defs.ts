import type { Ctx } from '../../spec/declare/ctx';
import { GUEST_PATHS } from '../../spec/declare/run-request';
import type { CgroupDef, CgroupDefData } from '../../spec/scenario/cgroup-def';
import { Hold, holdMs, type HoldSpec } from '../../spec/scenario/hold-spec';
import { resolveCpuset } from '../../spec/scenario/resolve-cpuset';
import { validateScenario } from '../../spec/scenario/validate-scenario';
import { formatCpuList } from '../../spec/topology/cpu-list';
import { assess } from '../../verdict/assess';
import type { AssertResult } from '../../verdict/assert-result';
import type { CgroupEvidence } from '../../verdict/evidence';
import { ScenarioCgroups } from '../cgroup/scenario-cgroups';
import { WorkerKit } from '../workers/worker-kit';
import { guestCtx, type GuestCtx } from './guest-ctx';

/** What the knobs of definitions need, and what schedulers go by: the weight of a cgroup. */
export const CONTROLLERS = ['cpuset', 'cpu'];

/**
 * Runs cgroups with their workers for one hold, then judges what the workers measured by the test's thresholds.
 *
 * When the scheduler under test fails, the hold ends at once.
 *
 * @param hold how long the workers run; by default all of `ctx.durationMs`
 * @returns one entry of `stats` per definition, in their order, and every worker's report
 * @throws {HarnessError} `options-invalid` before anything is created, when a definition is not possible on this machine
 */
export async function executeDefs(
  ctx: Ctx,
  defs: readonly CgroupDef[],
  hold: HoldSpec = Hold.full,
): Promise<AssertResult> {
  const guest = guestCtx(ctx, 'executeDefs');
  const scenario = defs.map((def) => def.toData());
  validateScenario(scenario, { workersPerCgroup: ctx.workersPerCgroup, topology: ctx.topology });
  const { cgroups: fs, cgroupParent: parent, waits } = guest.guest;
  await using cgroups = new ScenarioCgroups(fs, CONTROLLERS, { parent, waits });
  await using kit = await WorkerKit.launch(GUEST_PATHS.workers, waits);
  for (const [index, def] of scenario.entries()) addGroups(guest, { kit, cgroups, def, index });
  await kit.spawn();
  const held = await holdStep(guest, { kit, step: 1, ms: holdMs(hold, ctx.durationMs) });
  return assess(evidenceOf(guest, scenario, held), ctx.thresholds);
}

interface Placement {
  kit: WorkerKit;
  cgroups: ScenarioCgroups;
  def: CgroupDefData;
  index: number;
}

function addGroups(ctx: GuestCtx, { kit, cgroups, def, index }: Placement): void {
  const cgroupDir = cgroups.create(def.name);
  if (def.cpuset) cgroups.write(def.name, 'cpuset.cpus', formatCpuList(resolveCpuset(def.cpuset, ctx.topology)));
  const works = def.works.length > 0 ? def.works : [{ workType: 'SpinWait' as const }];
  for (const work of works) {
    const workers = work.workers ?? ctx.workersPerCgroup;
    kit.addGroup({ cgroup: def.name, cgroupDir, workers, workType: work.workType, seed: ctx.seed + index });
  }
}

interface Step {
  kit: WorkerKit;
  step: number;
  ms: number;
}

type Held = Pick<CgroupEvidence, 'startNs' | 'reports'>;

async function holdStep(ctx: GuestCtx, { kit, step, ms }: Step): Promise<Held> {
  const { channel, schedulerFailed, waits } = ctx.guest;
  const startNs = await kit.start();
  channel.send({ kind: 'stepStart', step, atNs: nowNs() });
  await waits.during(`the end of a hold of ${ms} ms`, Promise.race([elapsed(ms), kit.failed, schedulerFailed]));
  const iterations = await kit.iterations();
  channel.send({ kind: 'stepEnd', step, atNs: nowNs(), iterations });
  return { startNs, reports: await kit.stop() };
}

function elapsed(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

function evidenceOf(ctx: GuestCtx, scenario: readonly CgroupDefData[], { startNs, reports }: Held): CgroupEvidence[] {
  return scenario.map((def) => ({
    cgroup: def.name,
    startNs,
    cpuset: def.cpuset ? resolveCpuset(def.cpuset, ctx.topology) : ctx.topology.cpus,
    reports: reports.filter((report) => report.cgroup === def.name),
  }));
}

function nowNs(): number {
  return Number(process.hrtime.bigint());
}
