import { cv } from '../../stats/moments';
import { completedReports } from '../evidence';
import type { WorkerReport } from '../worker-report';
import { failed, figure, unjudged, type Check, type Gate } from './check';

/** `maxThroughputCv`: the workers of a cgroup get about the same work done per second of CPU time. */
export const checkThroughputCv: Check = (evidence, thresholds) => {
  const limit = thresholds.maxThroughputCv ?? false;
  if (limit === false) return [];
  const gate: Gate = { kind: 'benchmark', threshold: 'maxThroughputCv', cgroup: evidence.cgroup };
  const completed = completedReports(evidence.reports);
  const rates = completed.filter((report) => report.cpuTimeNs > 0).map(workRate);
  const found = rates.length < 2 ? null : cv(rates);
  if (found === null) {
    return [unjudged(gate, `it needs two workers with CPU time and some work, of ${completed.length} that completed`)];
  }
  if (found > limit) {
    const range = `${figure(Math.min(...rates))} to ${figure(Math.max(...rates))} work units per CPU second`;
    return [
      failed(
        gate,
        `the ${rates.length} workers of cgroup "${evidence.cgroup}" did ${range}, a CV of ${figure(found)}; maxThroughputCv is ${figure(limit)}`,
      ),
    ];
  }
  const idle = completed.find((report) => !(report.cpuTimeNs > 0));
  return idle === undefined ? [] : [unjudged(gate, `worker ${idle.index} (pid ${idle.pid}) used no CPU time`)];
};

function workRate(report: WorkerReport): number {
  return report.workUnits / (report.cpuTimeNs / 1e9);
}
