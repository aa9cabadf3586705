/** What the kernel said when it switched a sched_ext scheduler off. */
export interface KernelVerdict {
  /** `scx_exit_reason` of kernel/sched/ext.c, e.g. `runnable task stall`. */
  reason: string;
  /** What the scheduler or the kernel added, e.g. `worker[42] failed to run for 5.003s`; null when nothing. */
  message: string | null;
}

/** How a process ended: one of the two is null. */
export interface ProcessExit {
  code: number | null;
  signal: string | null;
}

/** The limit of the kernel's watchdog, where it was put over that of the scheduler. */
export interface WatchdogLimit {
  limitMs: number;
  /** What the scheduler asked for; 0 is the kernel's default. */
  askedMs: number;
}

/** Why the harness ended a scheduler. */
export const SCHEDULER_STOPS = ['test-ended', 'detach', 'replace', 'restart', 'never-attached'] as const;
export type SchedulerStop = (typeof SCHEDULER_STOPS)[number];

/** A scheduler from its start to its end. Instants are nanoseconds of the guest's CLOCK_MONOTONIC; null when it did not come to that. */
export interface SchedulerRun {
  name: string;
  /** As it was started, the program's path first; empty for what is part of the kernel. */
  argv: string[];
  /** What sysfs root/ops said while it was attached. */
  ops: string | null;
  /** Null when the scheduler's own limit holds. */
  watchdog: WatchdogLimit | null;
  startedAtNs: number;
  attachedAtNs: number | null;
  endedAtNs: number | null;
  /** Null when it ended without being asked. */
  stop: SchedulerStop | null;
  outcome: SchedulerOutcome;
  /** One sentence on what happened, with what was seen. */
  message: string;
  exit: ProcessExit | null;
  kernel: KernelVerdict | null;
  stdout: string;
  stderr: string;
  /** The kernel log's sched_ext lines from its start to its end. */
  kernelLines: string[];
  /** The kernel's debug dump of an error exit (trace event sched_ext_dump). */
  dump: string[];
}

/** How schedulers end; all but `running` and `stopped` fail the test. */
export const SCHEDULER_OUTCOMES = [
  'running',
  'stopped',
  'sched-ext-missing',
  'scheduler-start-failed',
  'verifier-rejected',
  'never-attached',
  'wrong-ops',
  'scheduler-exited',
  'scheduler-crashed',
  'scheduler-stalled',
  'scheduler-killed',
  'scheduler-died',
] as const;

export type SchedulerOutcome = (typeof SCHEDULER_OUTCOMES)[number];

/** The failure that a scheduler's end is, or null. */
export function schedulerFailure(run: SchedulerRun): Exclude<SchedulerOutcome, 'running' | 'stopped'> | null {
  return run.outcome === 'running' || run.outcome === 'stopped' ? null : run.outcome;
}
