import type { WorkerReport } from './worker-report';

/** What there is to judge one cgroup by, after one hold. */
export interface CgroupEvidence {
  cgroup: string;
  /** Of the workers, in nanoseconds of CLOCK_MONOTONIC. */
  startNs: number;
  /** The CPUs that the workers were allowed to use, sorted: the cgroup's cpuset, or all CPUs when it has none. */
  cpuset: number[];
  /** One report per worker that was started, of those that died too. */
  reports: WorkerReport[];
}

/** The reports of workers that ran to their end. The figures of the others were not measured by themselves. */
export function completedReports(reports: readonly WorkerReport[]): WorkerReport[] {
  return reports.filter((report) => report.exit.kind === 'completed');
}

/** Percentage of its wall time that a worker was off the CPU; null when there was no wall time. */
export function offCpuPct(report: WorkerReport): number | null {
  return report.wallTimeNs > 0 ? (report.offCpuNs / report.wallTimeNs) * 100 : null;
}
