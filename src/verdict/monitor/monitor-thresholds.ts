import type { GuestView } from './guest-view';

/** Thresholds of the monitor; unset means the check is not made, unless `defaults` switches it on. `false` switches it off. */
export interface MonitorThresholds {
  /** Switches every check that is not set on, with its value of `MONITOR_DEFAULTS`. */
  defaults?: boolean | undefined;
  /** Tasks on the longest run queue per task on the shortest. */
  maxImbalanceRatio?: number | false | undefined;
  /** Tasks in the local DSQ of any CPU. */
  maxLocalDsqDepth?: number | false | undefined;
  /** How long a task of sched_ext may be runnable without being run. */
  maxWaitMs?: number | false | undefined;
  /** The clock of a run queue must not stand still while the CPU has tasks and its vCPU runs. */
  failOnStall?: boolean | undefined;
  /** Events `select_cpu_fallback` per second, of all CPUs. */
  maxFallbackRate?: number | false | undefined;
  /** Events `dispatch_keep_last` per second, of all CPUs. */
  maxKeepLastRate?: number | false | undefined;
  /** So many samples in a row, or intervals between samples, must be over a threshold. */
  sustainedSamples?: number | undefined;
}

/** How a test wants the monitor to sample and judge. */
export interface MonitorSettings extends MonitorThresholds {
  /** Time between two samples. */
  periodMs: number;
  /** A moment at which the guest is looked at, in virtual time. */
  pauseAt?: PauseAt | undefined;
}

/** A moment of the guest's CLOCK_MONOTONIC, and what is done on the host while the guest stands still there, at no cost of its time. */
export interface PauseAt {
  guestMs: number;
  look(vm: GuestView): void | Promise<void>;
}

/** Chosen: what a scheduler that works keeps to under load, and one that loses tasks or places them badly does not. */
export const MONITOR_DEFAULTS = {
  maxImbalanceRatio: 4,
  maxLocalDsqDepth: 50,
  maxWaitMs: 2000,
  failOnStall: true,
  maxFallbackRate: 200,
  maxKeepLastRate: 100,
  sustainedSamples: 5,
} as const satisfies Omit<MonitorThresholds, 'defaults'>;

/** Time between two samples. Chosen: a sustained run of five is then twelve ticks of a kernel with HZ=250, and cheap to sample. */
export const DEFAULT_PERIOD_MS = 10;

export type MonitorLimit = keyof Omit<typeof MONITOR_DEFAULTS, 'failOnStall' | 'sustainedSamples'>;

/** A check that is on. */
export interface Limit {
  value: number;
  /** Switched on by `defaults` alone: the check is passed over where the kernel has nothing to judge by. */
  isImplied: boolean;
}

/** The limit of a check; null when it is off. */
export function limitOf(thresholds: MonitorThresholds, name: MonitorLimit): Limit | null {
  const value = thresholds[name] ?? (thresholds.defaults === true && MONITOR_DEFAULTS[name]);
  return value === false ? null : { value, isImplied: thresholds[name] === undefined };
}

/** Whether anything is asserted. */
export function asserts(thresholds: MonitorThresholds): boolean {
  const { failOnStall: _, sustainedSamples: __, ...limits } = MONITOR_DEFAULTS;
  return (
    isStallFailure(thresholds) || (Object.keys(limits) as MonitorLimit[]).some((name) => limitOf(thresholds, name))
  );
}

/** Whether clocks that stand still fail the test. */
export function isStallFailure(thresholds: MonitorThresholds): boolean {
  return thresholds.failOnStall ?? (thresholds.defaults === true && MONITOR_DEFAULTS.failOnStall);
}
