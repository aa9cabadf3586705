import type { SchedulerProgram, SchedulerSpec } from '../scheduler/scheduler-data';
import type { Topology } from '../topology/topology';
import type { ConsoleAllowEntry } from '../../verdict/console/console-allow';
import type { BpfMapWatch, BpfMapWrite } from '../../verdict/monitor/bpf-settings';
import type { MonitorSettings } from '../../verdict/monitor/monitor-thresholds';
import type { Thresholds } from '../../verdict/thresholds';

export const MACHINES = ['auto', 'kvm', 'emulated', 'deterministic'] as const;
export type MachineKind = (typeof MACHINES)[number];

/** A failure that a test expects: a kind (of a check or of a run) or a pattern that the failure text must match. */
export type ExpectedFailure = { kind: string } | { pattern: string; flags: string };

/** A declared test with every default filled in: plain data, the same on both sides. */
export interface TestSpec {
  topology: Topology;
  memoryMib: number;
  durationMs: number;
  workersPerCgroup: number;
  machine: MachineKind;
  /** Perturbs worker start offsets; the same seed gives the same run on the deterministic machine. */
  seed: number;
  repeat: number;
  scheduler: SchedulerSpec;
  stagedSchedulers: SchedulerProgram[];
  /** Path of a kernel image, or a release (prefix) of a stored kernel; unset means the usual lookup. */
  kernel?: string;
  kernelArgs: string[];
  sysctls: Record<string, string>;
  /** Budget of the test body with its hooks, in milliseconds of guest time. */
  timeoutMs: number;
  hostOnly: boolean;
  expectFailure?: ExpectedFailure;
  allowInconclusive: boolean;
  /** A run that passes tells of its figures as one that fails does. */
  verbose: boolean;
  consoleAllow: ConsoleAllowEntry[];
  /** Host files put under /include-files of the guest, on PATH. */
  includeFiles: string[];
  thresholds: Thresholds;
  monitor: MonitorSettings;
  /** What the host writes when the scheduler is attached, before the body begins. */
  bpfMapWrite: BpfMapWrite[];
  /** What the monitor samples in the memory of the scheduler. */
  watchBpfMaps: BpfMapWatch[];
}

/** Names a declared test within its file: the full Jest name, and which one of several with that name, from 0. */
export interface TestId {
  file: string;
  ancestors: string[];
  title: string;
  occurrence: number;
}
