import type { GuestRun } from '../src/host/machine/guest-run';
import { RUN_STAGES, type RunResult, type RunStage } from '../src/verdict/run-result';

/** What ends each stage that the host sees in the guest's output. */
const STAGE_END: Partial<Record<RunStage, string>> = {
  kernel: 'init',
  init: 'exec',
  node: 'runtime',
  runtime: 'testStart',
  test: 'result',
};

/** Splits the wall time of a run by stage. A stage that the guest did not reach takes no time; what is left over is teardown. */
export function stageTimes(
  run: GuestRun,
  host: { planMs: number; imageMs: number; spawnedMs: number },
): Pick<RunResult, 'stages' | 'wallTimeMs'> {
  const stages = Object.fromEntries(RUN_STAGES.map((stage) => [stage, 0])) as Record<RunStage, number>;
  Object.assign(stages, { plan: host.planMs, image: host.imageMs, spawn: host.spawnedMs });
  let lastMs = host.spawnedMs;
  for (const [stage, end] of Object.entries(STAGE_END) as [RunStage, string][]) {
    const endMs = run.seenAtMs.get(end);
    if (endMs === undefined) continue;
    stages[stage] = Math.max(endMs - lastMs, 0);
    lastMs = Math.max(endMs, lastMs);
  }
  stages.teardown = Math.max(run.endedAtMs - lastMs, 0);
  return { stages, wallTimeMs: host.planMs + host.imageMs + Math.max(run.endedAtMs, lastMs) };
}
