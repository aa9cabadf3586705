import { judgeWorkers, failed, figure, unjudged, workerLabel, type Check, type Gate } from './check';

/** `minIterationRate`: every worker gets through its loop at this pace by the wall clock. */
export const checkIterationRate: Check = (evidence, thresholds) => {
  const floor = thresholds.minIterationRate ?? false;
  if (floor === false) return [];
  const gate: Gate = { kind: 'benchmark', threshold: 'minIterationRate', cgroup: evidence.cgroup };
  return judgeWorkers(evidence, gate, (report) => {
    if (!(report.wallTimeNs > 0)) return unjudged(gate, `worker ${report.index} (pid ${report.pid}) ran for no time`);
    const rate = report.iterations / (report.wallTimeNs / 1e9);
    if (rate >= floor) return null;
    return failed(
      gate,
      `${workerLabel(report)} did ${figure(rate)} iterations per wall second; minIterationRate is ${figure(floor)}`,
    );
  });
};
