import { judgeWorkers, failed, figure, ms, unjudged, workerLabel, type Check, type Gate } from './check';

/**
 * Longest gap allowed when only `notStuck` is set. Chosen: half of the shortest sched_ext watchdog that tests set (4 s), so that a stall is
 * told before the kernel removes the scheduler, and well above a full round of a fair scheduler (100 workers on a CPU, a few ms each).
 */
export const DEFAULT_MAX_GAP_MS = 2000;

/** How long before its end a long gap is looked at. Chosen: more than two ticks of a kernel with HZ=250, at which a guest can be stopped. */
const BEFORE_END_NS = 10e6;

/** `maxGapMs`: no worker goes longer without a checkpoint. */
export const checkGap: Check = (evidence, thresholds) => {
  const limitMs = thresholds.maxGapMs ?? (thresholds.notStuck === true && DEFAULT_MAX_GAP_MS);
  if (limitMs === false) return [];
  const gate: Gate = { kind: 'stuck', threshold: 'maxGapMs', cgroup: evidence.cgroup };
  return judgeWorkers(evidence, gate, (report) => {
    if (report.cpusUsed.length === 0 && report.maxGapNs === 0) {
      return unjudged(gate, `worker ${report.index} (pid ${report.pid}) passed no checkpoint`);
    }
    if (report.maxGapNs <= limitMs * 1e6) return null;
    const where = `on cpu ${report.maxGapCpu}, until ${ms(report.maxGapAtNs)} after the start`;
    const message = `${workerLabel(report)} was stuck for ${ms(report.maxGapNs)} ${where}; maxGapMs is ${figure(limitMs)}`;
    const endNs = evidence.startNs + report.maxGapAtNs;
    return { ...failed(gate, message), atNs: Math.round(endNs - Math.min(BEFORE_END_NS, report.maxGapNs / 2)) };
  });
};
