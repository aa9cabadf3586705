import { formatCpuList } from '../../spec/topology/cpu-list';
import type { AssertDetail, DetailKind } from '../assert-result';
import { completedReports, type CgroupEvidence } from '../evidence';
import type { Thresholds } from '../thresholds';
import type { WorkerReport } from '../worker-report';

/** Judges one cgroup by one threshold. No detail means that the check passed or is switched off. */
export type Check = (evidence: CgroupEvidence, thresholds: Thresholds) => AssertDetail[];

/** What a check says, before it is put into words about a cgroup. */
export interface Gate {
  kind: DetailKind;
  /** The threshold's name. */
  threshold: keyof Thresholds;
  cgroup: string;
}

export function failed(gate: Gate, message: string): AssertDetail {
  return { kind: gate.kind, outcome: 'fail', message, cgroup: gate.cgroup };
}

/** The check is on, and there is nothing to judge by. */
export function unjudged(gate: Gate, reason: string): AssertDetail {
  const message = `${gate.threshold} of cgroup "${gate.cgroup}" is not judged: ${reason}`;
  return { kind: gate.kind, outcome: 'inconclusive', message, cgroup: gate.cgroup };
}

/** Applies `judge` to every worker that completed; a cgroup without such a worker is not judged. */
export function judgeWorkers(
  evidence: CgroupEvidence,
  gate: Gate,
  judge: (report: WorkerReport) => AssertDetail | null,
): AssertDetail[] {
  const completed = completedReports(evidence.reports);
  if (completed.length === 0) return [unjudged(gate, 'no worker completed')];
  return completed.flatMap((report) => judge(report) ?? []);
}

/** `worker 1 (pid 42, SpinWait) of cgroup "cg_0"` */
export function workerLabel(report: WorkerReport): string {
  return `worker ${report.index} (pid ${report.pid}, ${report.workType}) of cgroup "${report.cgroup}"`;
}

/** At most six digits: enough to tell a figure from the threshold that it missed. */
export function figure(value: number): string {
  return String(Number(value.toPrecision(6)));
}

/** Nanoseconds as milliseconds. */
export function ms(ns: number): string {
  return `${figure(ns / 1e6)} ms`;
}

/** `cpu 5`, `cpus 0-3` or `no cpu` */
export function cpuNames(cpus: readonly number[]): string {
  if (cpus.length === 0) return 'no cpu';
  return `${cpus.length === 1 ? 'cpu' : 'cpus'} ${formatCpuList(cpus)}`;
}
