import type { WorkerReport } from './worker-report';

/** Most severe first; a fold of several outcomes takes the most severe one. */
export const OUTCOMES = ['fail', 'inconclusive', 'pass', 'skip'] as const;
export type Outcome = (typeof OUTCOMES)[number];

/** What a check was about. `expectFailure` matches on these and on the failure kinds of a run. */
export const DETAIL_KINDS = [
  'starved',
  'stuck',
  'unfair',
  'isolation',
  'benchmark',
  'migration',
  'worker-died',
  'monitor',
  'bpf',
  'skip',
  'other',
] as const;
export type DetailKind = (typeof DETAIL_KINDS)[number];

export interface AssertDetail {
  kind: DetailKind;
  outcome: Outcome;
  message: string;
  /** The cgroup the check was about, when it was about one. */
  cgroup?: string;
  /** An instant at which what failed was going on, in nanoseconds of the guest's CLOCK_MONOTONIC, when there is one. */
  atNs?: number;
}

/** Figures of one cgroup over one hold. Percentages are 0..100 of wall time; null means there was nothing to compute it from. */
export interface CgroupStats {
  cgroup: string;
  workers: number;
  /** Distinct CPUs used. */
  cpus: number;
  avgOffCpuPct: number | null;
  minOffCpuPct: number | null;
  maxOffCpuPct: number | null;
  /** max - min of the workers' off-CPU percentages; needs two workers. */
  spreadPct: number | null;
  maxGapMs: number;
  maxGapCpu: number;
  migrations: number;
  iterations: number;
  workUnits: number;
}

/** Result of a scenario, or of a test body. Success and failure share one shape. */
export interface AssertResult {
  outcome: Outcome;
  details: AssertDetail[];
  stats: CgroupStats[];
  workers: WorkerReport[];
}
