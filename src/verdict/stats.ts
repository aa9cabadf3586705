import { mean } from '../stats/moments';
import type { CgroupStats } from './assert-result';
import { completedReports, offCpuPct } from './evidence';
import type { WorkerReport } from './worker-report';

const NS_PER_MS = 1e6;

/** Figures of one cgroup over one hold. `maxGapCpu` is -1 when no worker reported a gap. */
export function cgroupStats(cgroup: string, reports: readonly WorkerReport[]): CgroupStats {
  const pcts = completedReports(reports).flatMap((report) => offCpuPct(report) ?? []);
  const lowest = pcts.length > 0 ? Math.min(...pcts) : null;
  const highest = pcts.length > 0 ? Math.max(...pcts) : null;
  const gap = longestGap(reports);
  return {
    cgroup,
    workers: reports.length,
    cpus: new Set(reports.flatMap((report) => report.cpusUsed)).size,
    avgOffCpuPct: mean(pcts),
    minOffCpuPct: lowest,
    maxOffCpuPct: highest,
    spreadPct: pcts.length >= 2 && lowest !== null && highest !== null ? highest - lowest : null,
    maxGapMs: gap === undefined ? 0 : gap.maxGapNs / NS_PER_MS,
    maxGapCpu: gap === undefined ? -1 : gap.maxGapCpu,
    migrations: sum(reports, (report) => report.migrationCount),
    iterations: sum(reports, (report) => report.iterations),
    workUnits: sum(reports, (report) => report.workUnits),
  };
}

function longestGap(reports: readonly WorkerReport[]): WorkerReport | undefined {
  let longest: WorkerReport | undefined;
  for (const report of reports) {
    if (report.maxGapNs > (longest?.maxGapNs ?? 0)) longest = report;
  }
  return longest;
}

function sum(reports: readonly WorkerReport[], figure: (report: WorkerReport) => number): number {
  return reports.reduce((total, report) => total + figure(report), 0);
}
