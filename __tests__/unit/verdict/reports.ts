import type { CgroupEvidence } from '../../../src/verdict/evidence';
import type { WorkerReport } from '../../../src/verdict/worker-report';

export const MS = 1e6;
const SECOND = 1e9;

/** A worker of cgroup `a` that spun for two seconds, half of the time on CPU 0. */
export function report(changes: Partial<WorkerReport> = {}): WorkerReport {
  const wallTimeNs = changes.wallTimeNs ?? 2 * SECOND;
  const cpuTimeNs = changes.cpuTimeNs ?? wallTimeNs / 2;
  return {
    cgroup: 'a',
    index: 0,
    pid: 100 + (changes.index ?? 0),
    workType: 'SpinWait',
    workUnits: 1_024_000,
    iterations: 1000,
    wallTimeNs,
    cpuTimeNs,
    offCpuNs: wallTimeNs - cpuTimeNs,
    maxGapNs: 4 * MS,
    maxGapCpu: 0,
    maxGapAtNs: 1000 * MS,
    migrationCount: 0,
    migrations: [],
    cpusUsed: [0],
    schedstatCpuTimeNs: cpuTimeNs,
    schedstatRunDelayNs: wallTimeNs - cpuTimeNs,
    schedstatRunCount: 500,
    exit: { kind: 'completed' },
    ...changes,
  };
}

/** What is seen of a worker that left no report of its own. */
export function deadReport(exit: WorkerReport['exit'], changes: Partial<WorkerReport> = {}): WorkerReport {
  const nothing = { workUnits: 0, iterations: 0, wallTimeNs: 0, cpuTimeNs: 0, maxGapNs: 0, maxGapAtNs: 0 };
  return report({ ...nothing, cpusUsed: [], exit, ...changes });
}

export const START_NS = 5000 * MS;

/** Cgroup `a` on CPUs 0 and 1 with these workers, numbered in order. */
export function evidence(...workers: Partial<WorkerReport>[]): CgroupEvidence {
  return {
    ...{ cgroup: 'a', startNs: START_NS, cpuset: [0, 1] },
    reports: workers.map((changes, index) => report({ index, ...changes })),
  };
}

export const DEAD: Partial<WorkerReport> = deadReport({ kind: 'signaled', signal: 9 });
