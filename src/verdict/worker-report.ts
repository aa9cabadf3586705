/** What one worker process measured about itself. Durations and instants are nanoseconds; instants count from the start signal. */
export interface WorkerReport {
  cgroup: string;
  /** Position in the cgroup's worker list, from 0. */
  index: number;
  pid: number;
  workType: string;
  workUnits: number;
  iterations: number;
  wallTimeNs: number;
  cpuTimeNs: number;
  /** wallTimeNs - cpuTimeNs */
  offCpuNs: number;
  /** Longest wall time between two checkpoints (every 1024 work units), where it ended and on which CPU. */
  maxGapNs: number;
  maxGapCpu: number;
  maxGapAtNs: number;
  migrationCount: number;
  /** The first migrations only (at most 64); `migrationCount` counts all. */
  migrations: { atNs: number; from: number; to: number }[];
  /** Sorted CPUs seen at checkpoints. */
  cpusUsed: number[];
  /** Deltas of the three fields of /proc/self/schedstat. */
  schedstatCpuTimeNs: number;
  schedstatRunDelayNs: number;
  schedstatRunCount: number;
  /** How it ended: a report of its own, or what was seen instead of one. */
  exit:
    | { kind: 'completed' }
    | { kind: 'signaled'; signal: number }
    | { kind: 'exited'; code: number }
    | { kind: 'timed-out' };
}
