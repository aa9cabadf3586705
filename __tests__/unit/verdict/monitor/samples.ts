import { judgeMonitor } from '../../../../src/verdict/monitor/judge-monitor';
import type { MonitorThresholds } from '../../../../src/verdict/monitor/monitor-thresholds';
import { SCX_EVENTS, type CpuSample, type MonitorSample } from '../../../../src/verdict/monitor/sample';

export const PERIOD_MS = 10;

/** What is said of the CPUs of a sample. */
export type Cpus = readonly Partial<CpuSample>[];

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
export function sample(atMs: number, cpus: Cpus, changes: Partial<MonitorSample> = {}): MonitorSample {
  const hostNs = 1_000_000_000n + ns(atMs);
  return {
    hostNs,
    cpus: cpus.map((own) => cpu({ clockNs: hostNs - 900_000_000n, ...own })),
    scx: { state: 'ENABLED', opsName: 'mine', exitKind: 0, userDsqs: null },
    slowNs: null,
    programs: [],
    watched: {},
    valid: true,
    ...changes,
  };
}

/** So many samples, one per period, with the CPUs that each of them has. */
export function samplesOf(count: number, cpusAt: (index: number) => Cpus): MonitorSample[] {
  return Array.from({ length: count }, (_, index) => sample(index * PERIOD_MS, cpusAt(index)));
}

/** Two CPUs with a task or two each, at a moment when all is well. */
export function wellAt(index: number): Partial<CpuSample>[] {
  return [{}, { nrRunning: 1 + (index % 2) }];
}

export function ns(ms: number): bigint {
  return BigInt(Math.round(ms * 1e6));
}

/** Ten samples in which all is well, then so many of these, then one in which all is well. */
export function seriesWith(count: number, cpusAt: (index: number) => Cpus): MonitorSample[] {
  return samplesOf(11 + count, (index) => (index < 10 || index >= 10 + count ? wellAt(index) : cpusAt(index - 10)));
}

/** What comes of judging samples, one per finding. */
export function outcomes(samples: readonly MonitorSample[], thresholds: MonitorThresholds) {
  return judgeMonitor(samples, thresholds).findings.map(({ outcome }) => outcome);
}

/** Two run queues, one of which has so many tasks. */
export function queues(longest: number): Cpus {
  return [{ nrRunning: longest }, { nrRunning: 1 }];
}

/** Two local DSQs, one of which is so deep. */
export function dsq(depth: number): Cpus {
  return [{ localDsqDepth: 0 }, { localDsqDepth: depth }];
}

/** Counters that grow by so many per period, on two CPUs together; 10 ms apart, one more is 100 per second. */
export function counting(event: 'select_cpu_fallback' | 'dispatch_keep_last', perPeriod: (index: number) => number) {
  let total = 0n;
  return (index: number): Cpus => {
    total += BigInt(perPeriod(index));
    return [{ events: { [event]: total / 2n } }, { events: { [event]: total - total / 2n } }];
  };
}
