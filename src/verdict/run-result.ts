import type { GuestTopology } from '../spec/topology/guest-topology';
import type { AssertResult } from './assert-result';
import type { Splat } from './console/console-allow';
import type { FailureKind } from './failure-kind';
import type { FailureDump } from './monitor/failure-dump';
import type { MonitorSummary } from './monitor/monitor-summary';
import type { MonitorSample } from './monitor/sample';
import type { SchedulerRun } from './scheduler/scheduler-run';

/** Where the wall time of a run went, in order; the figures add up to the whole. */
export const RUN_STAGES = ['plan', 'image', 'spawn', 'kernel', 'init', 'node', 'runtime', 'test', 'teardown'] as const;
export type RunStage = (typeof RUN_STAGES)[number];

/** An error of the body or its hooks, with the stack of the author's own files. */
export interface RunError {
  name: string;
  message: string;
  stack: string;
}

/** Everything known about one run of a test, the same shape for success and failure. Facts that the guest did not get to report are null. */
export interface RunResult extends AssertResult {
  test: string;
  /** How the run failed; null when it did not. */
  failure: FailureKind | null;
  /** In order of time. */
  errors: RunError[];
  machine: 'kvm' | 'emulated' | 'deterministic';
  seed: number;
  /** Digest of all that a virtual-time run depends on besides the seed: image, kernel, command line, machine shape. */
  image: string;
  kernelRelease: string | null;
  clockSource: string | null;
  topology: GuestTopology | null;
  /** Name of the scheduler under test; `eevdf` for the kernel's own. */
  scheduler: string;
  /** Every run of a scheduler's program, in order of their start. */
  schedulers: SchedulerRun[];
  /** The kernel console. */
  console: string;
  /** What the kernel complained about and no entry of `consoleAllow` allows, in the order of the console. */
  splats: Splat[];
  /** What the monitor saw while the workers ran; null when the test asks nothing of it. */
  monitor: MonitorSummary | null;
  /** What it was summed up from, in order of time; empty when the test asks nothing of the monitor. */
  samples: MonitorSample[];
  /** What was seen from outside when the host ended the run, or when a threshold of the monitor had been missed for long enough. */
  dump: FailureDump | null;
  /** Where the dump was written, relative to the project's folder. */
  dumpFile: string | null;
  /** Host milliseconds per stage. */
  stages: Record<RunStage, number>;
  /** Host milliseconds from the start of planning to the end of teardown. */
  wallTimeMs: number;
  /** Largest resident size of the machine's process, guest pages included, in KiB. */
  peakMemoryKib: number;
}
