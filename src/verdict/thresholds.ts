/**
 * Assertion thresholds; unset means the check is not made. Merge order is scheduler, class defaults, test: the last one set wins, and
 * `false` switches a check off again. Units are in the names.
 */
export interface Thresholds {
  /**
   * A worker without any work unit fails; also switches `maxGapMs` and, for cgroups of two workers or more, `maxSpreadPct` on with their
   * defaults.
   */
  notStuck?: boolean | undefined;
  /** Every CPU a worker used must lie in its cgroup's cpuset. */
  isolation?: boolean | undefined;
  /** Longest time between two checkpoints of a worker. */
  maxGapMs?: number | false | undefined;
  /** Highest less lowest off-CPU percentage over the workers of a cgroup, in points; needs two workers. */
  maxSpreadPct?: number | false | undefined;
  /** Population CV of work units per CPU second over the workers of a cgroup; needs two workers. */
  maxThroughputCv?: number | false | undefined;
  /** Work units per CPU second, of every worker. */
  minWorkRate?: number | false | undefined;
  /** Iterations per wall second, of every worker. */
  minIterationRate?: number | false | undefined;
  /** Migrations per iteration, of a cgroup. */
  maxMigrationRatio?: number | false | undefined;
}
