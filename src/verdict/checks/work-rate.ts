import { judgeWorkers, failed, figure, unjudged, workerLabel, type Check, type Gate } from './check';

/** `minWorkRate`: every worker gets its work done at this pace while it is on a CPU. */
export const checkWorkRate: Check = (evidence, thresholds) => {
  const floor = thresholds.minWorkRate ?? false;
  if (floor === false) return [];
  const gate: Gate = { kind: 'benchmark', threshold: 'minWorkRate', cgroup: evidence.cgroup };
  return judgeWorkers(evidence, gate, (report) => {
    if (!(report.cpuTimeNs > 0)) return unjudged(gate, `worker ${report.index} (pid ${report.pid}) used no CPU time`);
    const rate = report.workUnits / (report.cpuTimeNs / 1e9);
    if (rate >= floor) return null;
    return failed(
      gate,
      `${workerLabel(report)} did ${figure(rate)} work units per CPU second; minWorkRate is ${figure(floor)}`,
    );
  });
};
