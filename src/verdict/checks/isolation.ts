import type { WorkerReport } from '../worker-report';
import { cpuNames, judgeWorkers, failed, ms, unjudged, workerLabel, type Check, type Gate } from './check';

/** `isolation`: every CPU that a worker was seen on lies in the cpuset of its cgroup. */
export const checkIsolation: Check = (evidence, thresholds) => {
  if (thresholds.isolation !== true) return [];
  const gate: Gate = { kind: 'isolation', threshold: 'isolation', cgroup: evidence.cgroup };
  if (evidence.cpuset.length === 0) return [unjudged(gate, 'its cpuset is not known')];
  const allowed = new Set(evidence.cpuset);
  return judgeWorkers(evidence, gate, (report) => {
    if (report.cpusUsed.length === 0) {
      return unjudged(gate, `worker ${report.index} (pid ${report.pid}) passed no checkpoint`);
    }
    const outside = report.cpusUsed.filter((cpu) => !allowed.has(cpu));
    if (outside.length === 0) return null;
    return failed(
      gate,
      `${workerLabel(report)} ran on ${cpuNames(outside)}${firstEscape(report, allowed)}, outside of its cpuset: ${cpuNames(evidence.cpuset)}`,
    );
  });
};

function firstEscape(report: WorkerReport, allowed: ReadonlySet<number>): string {
  const escape = report.migrations.find((migration) => !allowed.has(migration.to));
  return escape === undefined ? '' : ` (moved to cpu ${escape.to} ${ms(escape.atNs)} after the start)`;
}
