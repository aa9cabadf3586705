/** Scheduling classes of the kernel. */
export type SchedClass = 'stop' | 'deadline' | 'rt' | 'fair' | 'ext' | 'idle';

/** A task as a dump tells of it. */
export interface DumpedTask {
  pid: number;
  comm: string;
  cpu: number;
  schedClass: SchedClass | null;
}

/** A CPU of the guest when the machine was stopped. */
export interface DumpedCpu {
  cpu: number;
  nrRunning: number;
  curr: DumpedTask;
  isIdle: boolean;
  /** Tasks in its local DSQ; null without sched_ext. */
  localDsqDepth: number | null;
  /** What its vcpu executed in the kernel, the innermost function first; empty in user space. */
  stack: string[];
}

/** A task that was runnable and did not run. */
export interface WaitingTask extends DumpedTask {
  /** Since it was queued last; null where the kernel does not keep it (CONFIG_SCHED_INFO). */
  waitedMs: number | null;
  /** Where it was queued, e.g. `the local DSQ of cpu 1`. */
  queue: string;
  stack: string[];
}

/** A global variable of a BPF program. */
export interface DumpedVariable {
  name: string;
  /** The map that holds it, e.g. `scx_mine.bss`. */
  map: string;
  /** As C would write it; the beginning of a long one. */
  value: string;
  /** Whether all its bytes are 0. */
  isZero: boolean;
}

/** What was seen of a guest from outside, at the moment at which it had failed. Plain data, as it is written to a file. */
export interface FailureDump {
  /** Of this structure. */
  version: 1;
  kernelRelease: string | null;
  /** Null when the kernel could not be found in memory, or had no scheduler yet; `unavailable` says why. */
  sched: {
    cpus: DumpedCpu[];
    /** The one that waits longest first. */
    waiting: WaitingTask[];
    taskCount: number;
    scx: { state: string; ops: string | null; exitKind: string; watchdogTimeoutMs: number | null } | null;
    /** User DSQs by id, in hex. */
    dsqs: { id: string; depth: number; pids: number[] }[];
    /** Of the BPF programs, while a scheduler is attached. */
    variables: DumpedVariable[];
  } | null;
  /** Where `sched` is null: what each vcpu executed in the kernel, the innermost function first; empty without a kernel. */
  stacks: string[][];
  /** The last lines of the kernel's log, what the console does not show included. */
  log: string[];
  /** What could not be read, and why. */
  unavailable: string[];
}
