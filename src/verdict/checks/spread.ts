import { completedReports, offCpuPct } from '../evidence';
import type { WorkerReport } from '../worker-report';
import { cpuNames, failed, figure, unjudged, type Check, type Gate } from './check';

/**
 * Spread allowed when only `notStuck` is set, in points. Chosen so that a CPU with one worker more than its neighbour is told (one against two
 * workers are 50 points apart, two against three 17), and start offsets of some ms in a hold of seconds are not. On an emulated machine whose
 * host CPUs are oversubscribed the spread is larger: set `maxSpreadPct` there.
 */
export const DEFAULT_MAX_SPREAD_PCT = 15;

/** `maxSpreadPct`: the off-CPU shares of a cgroup's workers lie close together. */
export const checkSpread: Check = (evidence, thresholds) => {
  const limitPct = thresholds.maxSpreadPct ?? (thresholds.notStuck === true && DEFAULT_MAX_SPREAD_PCT);
  if (limitPct === false) return [];
  const isImplied = thresholds.maxSpreadPct === undefined;
  if (isImplied && evidence.reports.length === 1) return [];

  const gate: Gate = { kind: 'unfair', threshold: 'maxSpreadPct', cgroup: evidence.cgroup };
  const shares = completedReports(evidence.reports)
    .flatMap((report) => share(report) ?? [])
    .sort((a, b) => a.pct - b.pct);
  const lowest = shares.at(0);
  const highest = shares.at(-1);
  if (lowest === undefined || highest === undefined || shares.length < 2) {
    return [unjudged(gate, `it needs two workers that completed and ran for some time, there is ${shares.length}`)];
  }
  const spreadPct = highest.pct - lowest.pct;
  if (spreadPct <= limitPct) return [];
  const cpus = cpuNames(evidence.reports.flatMap((report) => report.cpusUsed));
  return [
    failed(
      gate,
      `cgroup "${evidence.cgroup}" was unfair to its ${shares.length} workers on ${cpus}: off the CPU were ` +
        `${describe(lowest)} to ${describe(highest)}, a spread of ${figure(spreadPct)} points; maxSpreadPct is ${figure(limitPct)}`,
    ),
  ];
};

interface Share {
  pid: number;
  pct: number;
}

function share(report: WorkerReport): Share | null {
  const pct = offCpuPct(report);
  return pct === null ? null : { pid: report.pid, pct };
}

function describe({ pid, pct }: Share): string {
  return `${figure(pct)} % (pid ${pid})`;
}
