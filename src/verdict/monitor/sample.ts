import type { WatchedValue } from './bpf-settings';

/**
 * What the monitor saw at one moment, read from outside while the guest ran. Counters count from the kernel's boot, or from the attach of the
 * scheduler where the kernel keeps them per scheduler. Null means that the kernel does not have it, or that it was not read this time.
 */
export interface MonitorSample {
  /** Monotonic time of the host; virtual time on the deterministic machine. */
  hostNs: bigint;
  /** By number of the CPU. */
  cpus: CpuSample[];
  /** Null when the kernel has no sched_ext. */
  scx: ScxSample | null;
  /**
   * When programs, user DSQs and domains were read, by the clock of `hostNs`: now and then, up to a period of sampling before this sample. Null
   * when they were not read this time.
   */
  slowNs: bigint | null;
  /** Of the schedulers that are loaded; empty when they were not read this time. */
  programs: ProgramSample[];
  /** What the test watches in the memory of the attached scheduler, by the names of its metrics; what could not be read is left out. */
  watched: Readonly<Record<string, WatchedValue>>;
  /** False when nothing of it can be trusted, e.g. before the kernel has made its per-CPU areas. */
  valid: boolean;
}

/** A CPU's run queue (`struct rq`), and the host thread of its vCPU. */
export interface CpuSample {
  nrRunning: number;
  scxNrRunning: number | null;
  localDsqDepth: number | null;
  scxFlags: number | null;
  /** The runnable task of sched_ext that has waited longest for this CPU; `task` is null when none waits. Null without sched_ext. */
  longestWait: LongestWait | null;
  clockNs: bigint;
  curr: { pid: number; comm: string; schedClass: string | null } | null;
  schedstat: Schedstat | null;
  /** From the smallest domain to the largest; read at a slower period than the rest. */
  domains: DomainSample[] | null;
  vcpuCpuNs: bigint | null;
  /** How long the vCPU's thread waited for a host CPU. */
  vcpuRunDelayNs: bigint | null;
  events: Partial<Record<ScxEvent, bigint>> | null;
  /** False when the run queue changed under every attempt to read it: its figures are then those of the sample before. */
  consistent: boolean;
}

export interface LongestWait {
  task: { pid: number; comm: string } | null;
  ms: number;
}

/** The counters of `struct scx_event_stats`: there they are in capitals, with SCX_EV_ before them. Kernels have some or none of them. */
export const SCX_EVENTS = [
  'select_cpu_fallback',
  'dispatch_local_dsq_offline',
  'dispatch_keep_last',
  'enq_skip_exiting',
  'enq_skip_migration_disabled',
  'reenq_immed',
  'reenq_local_repeat',
  'refill_slice_dfl',
  'bypass_duration',
  'bypass_dispatch',
  'bypass_activate',
  'insert_not_owned',
  'sub_bypass_dispatch',
] as const;
export type ScxEvent = (typeof SCX_EVENTS)[number];

/** The fields of `struct rq` that /proc/schedstat shows. */
export const SCHEDSTAT_FIELDS = [
  'runDelayNs',
  'pcount',
  'yldCount',
  'schedCount',
  'schedGoidle',
  'ttwuCount',
  'ttwuLocal',
] as const;
export type Schedstat = Record<(typeof SCHEDSTAT_FIELDS)[number], bigint>;

/** `struct sched_domain` */
export interface DomainSample {
  level: number;
  name: string;
  flags: number;
  spanWeight: number;
  balanceInterval: number;
  nrBalanceFailed: number;
  maxNewidleLbCostNs: bigint;
  newidle: { call: number; success: number; ratio: number } | null;
  stats: DomainStats | null;
}

/** Load balancing of a domain, there with CONFIG_SCHEDSTATS. */
export interface DomainStats {
  /** By `enum cpu_idle_type`. */
  balance: BalanceStats[];
  alb: { count: number; failed: number; pushed: number };
  sbe: { count: number; balanced: number; pushed: number };
  sbf: { count: number; balanced: number; pushed: number };
  ttwuWakeRemote: number;
  ttwuMoveAffine: number;
  ttwuMoveBalance: number;
}

export interface BalanceStats {
  count: number;
  failed: number;
  balanced: number;
  /** Of all kinds together, in kernels up to 6.13; later ones tell the kinds apart. */
  imbalance: number | null;
  imbalanceLoad: number | null;
  imbalanceUtil: number | null;
  imbalanceTask: number | null;
  imbalanceMisfit: number | null;
  gained: number;
  hotGained: number;
  nobusyg: number;
  nobusyq: number;
}

export interface ScxSample {
  /** `enum scx_enable_state` by its name in the kernel's BTF, without its prefix, e.g. `ENABLED`. */
  state: string;
  /** Null while no scheduler is attached. */
  opsName: string | null;
  /** `enum scx_exit_kind`; 0 while the scheduler runs. */
  exitKind: number | null;
  /** Null when they were not read this time. */
  userDsqs: { id: bigint; depth: number }[] | null;
}

/** A BPF program of a scheduler. The counters stand still unless the guest's sysctl kernel.bpf_stats_enabled is 1. */
export interface ProgramSample {
  id: number;
  name: string;
  runCount: bigint;
  runNs: bigint;
  verifiedInsns: number | null;
}
