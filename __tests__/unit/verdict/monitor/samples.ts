import { SCX_EVENTS, type CpuSample, type MonitorSample } from '../../../../src/verdict/monitor/sample';

export const PERIOD_MS = 10;

/** A CPU of a kernel with sched_ext that runs one task. */
export function cpu(changes: Partial<CpuSample> = {}): CpuSample {
  return {
    nrRunning: 1,
    scxNrRunning: 1,
    localDsqDepth: 0,
    scxFlags: 0,
    longestWait: { task: null, ms: 0 },
    clockNs: 5_000n,
    curr: { pid: 42, comm: 'spin', schedClass: 'ext' },
    schedstat: null,
    domains: null,
    vcpuCpuNs: null,
    vcpuRunDelayNs: null,
    events: Object.fromEntries(SCX_EVENTS.map((event) => [event, 0n])),
    consistent: true,
    ...changes,
  };
}

/** The sample of a moment; every clock moves with it, unless a CPU says otherwise. */
export function sample(
  atMs: number,
  cpus: readonly Partial<CpuSample>[],
  changes: Partial<MonitorSample> = {},
): MonitorSample {
  const hostNs = 1_000_000_000n + ns(atMs);
  return {
    hostNs,
    cpus: cpus.map((own) => cpu({ clockNs: hostNs - 900_000_000n, ...own })),
    scx: { state: 'ENABLED', opsName: 'mine', exitKind: 0, userDsqs: null },
    programs: [],
    valid: true,
    ...changes,
  };
}

/** So many samples, one per period, with the CPUs that each of them has. */
export function samplesOf(count: number, cpusAt: (index: number) => readonly Partial<CpuSample>[]): MonitorSample[] {
  return Array.from({ length: count }, (_, index) => sample(index * PERIOD_MS, cpusAt(index)));
}

/** Two CPUs with a task or two each, at a moment when all is well. */
export function wellAt(index: number): Partial<CpuSample>[] {
  return [{}, { nrRunning: 1 + (index % 2) }];
}

export function ns(ms: number): bigint {
  return BigInt(Math.round(ms * 1e6));
}
