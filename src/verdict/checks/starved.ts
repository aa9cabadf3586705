import { judgeWorkers, failed, ms, workerLabel, type Check, type Gate } from './check';

/** `notStuck`: every worker has done some work. */
export const checkStarved: Check = (evidence, thresholds) => {
  if (thresholds.notStuck !== true) return [];
  const gate: Gate = { kind: 'starved', threshold: 'notStuck', cgroup: evidence.cgroup };
  return judgeWorkers(evidence, gate, (report) => {
    if (report.workUnits > 0) return null;
    const times = `${ms(report.wallTimeNs)} of wall time, ${ms(report.cpuTimeNs)} of it on a cpu`;
    return failed(gate, `${workerLabel(report)} did not do a single work unit in ${times}`);
  });
};
