/** One row per kind of load; spawn, docs and command line derive from this table. `groupSize` divides the worker count. */
export const WORK_TYPES = {
  SpinWait: {
    groupSize: 1,
    description: 'spins: 1024 turns per iteration, one work unit each, with a pause hint on every 64th',
  },
} as const;

export type WorkTypeName = keyof typeof WORK_TYPES;

/** Most workers of one group. Chosen: every worker is a process, and a kernel has 32768 pids by default. */
export const MAX_WORKERS = 4096;

/** A group of workers that do the same thing. `workers` left out means `ctx.workersPerCgroup`. */
export interface WorkSpec {
  workers?: number;
  workType: WorkTypeName;
}
