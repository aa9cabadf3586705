import type { SchedClass } from './failure-dump';

/** An object of the guest's kernel: a type at an address. Members are read when they are asked for. */
export interface GuestObject {
  readonly address: bigint;
  /** Its type as C writes it. */
  readonly typeName: string;
  /**
   * A member by its path, e.g. `scx.local_dsq.nr`; a pointer on the way is followed, so `curr.comm` is the name of the task that `curr` points to.
   * @throws HarnessError `btf-unknown` with the names there are, `guest-memory` behind a pointer that leads nowhere
   */
  get(path: string): GuestObject;
  /** What a pointer points to. @throws HarnessError `guest-memory` for a null pointer, `btf-unknown` for what is no pointer */
  target(): GuestObject;
  /** The whole of it as a tree. */
  value(): unknown;
  /** Of an integer, an enum, a pointer or a bool. */
  big(): bigint;
  number(): number;
  /** Of an array of characters, or of what a `char *` points to; at most 256 characters. */
  text(): string;
  /** As it lies in memory. */
  bytes(): Uint8Array;
  /**
   * Writes a variable or a map's value of a BPF program into the memory of the guest.
   * @throws HarnessError `value-refused` for a value that its type does not hold, or where nothing may be written
   */
  set(value: number | bigint | boolean | string | Uint8Array): void;
}

/** What the kernel knows of a BPF map, whatever is in it. */
export interface GuestMapFacts {
  id: number;
  /** At most 15 characters; a scheduler's variables are in maps like `scx_ktst.bss`. */
  name: string;
  /** As bpftool says it, e.g. `percpu_array`. */
  type: string;
  keySize: number;
  valueSize: number;
  maxEntries: number;
  flags: number;
}

/** A BPF map. */
export interface GuestMap {
  readonly name: string;
  readonly facts: GuestMapFacts;
  /**
   * A value, or a part of one, by its path. It begins with the key; in a per-CPU map the CPU follows: `[2].count`, `[0][3].count`. A map with
   * one value, as the variables of a scheduler are, is asked without a key: `stall`.
   * @throws HarnessError `bpf-unknown` when there is nothing under the key, `btf-unknown` with the names there are
   */
  get(path: string): GuestObject;
  /**
   * All that it holds. A queue and a stack have no keys, and are told in the order in which they would be taken; a key of an LPM trie is the
   * length of its prefix and its bytes; of a map of maps the values are ids, by which `GuestView.map()` finds them.
   * @throws HarnessError `bpf-map-type` for a type whose contents are not read, `decode` for a map of more than a million elements
   */
  entries(): Iterable<{ key: unknown; values: readonly GuestObject[] }>;
}

/** A BPF program. */
export interface GuestProgram {
  id: number;
  name: string;
  /** As bpftool says it, e.g. `struct_ops`. */
  type: string;
  /** What it takes the place of: a member of a struct of the kernel (`sched_ext_ops.enqueue`) or a function; null for other types. */
  attachedTo: string | null;
  /** Hash of its instructions, in hexadecimal. */
  tag: string;
  /** Of the machine code, with that of its functions. */
  jitedBytes: number;
  /** Instructions that the verifier has walked. */
  verifiedInsns: number;
  /** Null while the sysctl kernel.bpf_stats_enabled is 0. */
  stats: GuestProgramStats | null;
}

/** Over all CPUs, since the program was loaded. */
export interface GuestProgramStats {
  runCount: bigint;
  runTimeNs: bigint;
  /** Runs that were left out, as the program would have run within itself. */
  misses: bigint;
}

/** What sched_ext knows of a task. */
export interface ScxTaskView {
  sliceNs: bigint;
  dsqVtime: bigint;
  weight: number;
  flags: number;
  /** When it became runnable, in jiffies. */
  runnableAt: bigint;
  /** Where it is queued; null while it is in no DSQ. */
  dsqId: bigint | null;
}

/** A task at the moment of reading. */
export interface TaskView {
  pid: number;
  tgid: number;
  comm: string;
  /** Of its run queue. */
  cpu: number;
  /** Whether it runs right now. */
  isOnCpu: boolean;
  /** Whether it is on a run queue: runnable, or running. */
  isQueued: boolean;
  /** `__state` of task_struct: 0 is runnable. */
  state: number;
  schedClass: SchedClass | null;
  prio: number;
  sumExecRuntimeNs: bigint;
  scx: ScxTaskView | null;
  /** The whole task_struct. */
  object: GuestObject;
}

/** Counters that the kernel keeps with CONFIG_SCHEDSTATS, as in /proc/schedstat. */
export interface SchedstatView {
  yldCount: number;
  schedCount: number;
  schedGoidle: number;
  ttwuCount: number;
  ttwuLocal: number;
  runCpuTimeNs: bigint;
  runDelayNs: bigint;
  runCount: bigint;
}

/** sched_ext's part of a run queue. */
export interface ScxRunQueueView {
  nrRunning: number;
  flags: number;
  localDsqDepth: number;
  /** Tasks of the local DSQ, the next one to run first; read when it is called. */
  localDsq(): TaskView[];
  /** Tasks of sched_ext that are runnable and do not run, wherever they are queued, the one that waits longest first; read when it is called. */
  waiting(): TaskView[];
}

/** A CPU's run queue at the moment of reading. */
export interface RunQueueView {
  cpu: number;
  nrRunning: number;
  clockNs: bigint;
  curr: TaskView;
  isIdle: boolean;
  schedstat: SchedstatView | null;
  scx: ScxRunQueueView | null;
  /** The whole struct rq. */
  object: GuestObject;
}

/** sched_ext as a whole at the moment of reading. */
export interface ScxView {
  /** As the kernel's enum names it, e.g. `ENABLED`. */
  state: string;
  /** Name of the attached scheduler; null when none is. */
  ops: string | null;
  /** As the kernel's enum names it, e.g. `SCX_EXIT_NONE`. */
  exitKind: string;
  /** How long a task may be runnable without being run, in ms; null when this kernel keeps it elsewhere. */
  watchdogTimeoutMs: number | null;
}

/** A dispatch queue that a scheduler has made, at the moment of reading. */
export interface DsqView {
  id: bigint;
  depth: number;
  /** The next one to run first. */
  tasks: TaskView[];
}

/** A guest that stands still, seen from outside. Everything is read when it is asked for. */
export interface GuestView {
  readonly cpuCount: number;
  /** The run queue of a CPU. @throws HarnessError `view-unknown` */
  rq(cpu: number): RunQueueView;
  /** Null for a kernel without sched_ext. */
  readonly scx: ScxView | null;
  /** A thread. @throws HarnessError `view-unknown` with those there are */
  task(pid: number): TaskView;
  /** Every thread but the idle tasks, process by process. */
  tasks(): TaskView[];
  /** The user DSQs of the attached scheduler, by their id; empty without one. */
  dsqs(): DsqView[];
  /** What a CPU executes in the kernel, as `schedule+0x1f`, the innermost function first; empty in user space. @throws HarnessError `view-unknown` */
  stack(cpu: number): string[];
  /** Where a task that does not run gave its CPU away. @throws HarnessError `view-unknown` */
  stackOf(pid: number): string[];
  /** A variable of the kernel whose type, which BTF does not tell, is known to the caller. @throws HarnessError `symbol-unknown`, `btf-unknown` */
  variable(symbol: string, struct: string): GuestObject;
  maps(): GuestMap[];
  /** @throws HarnessError `bpf-unknown` with what there is when there is none of that name or id, or several */
  map(nameOrId: string | number): GuestMap;
  programs(): GuestProgram[];
  /** @throws HarnessError `bpf-unknown` with what there is when there is none of that name or id, or several */
  program(nameOrId: string | number): GuestProgram;
  /** A global variable of a BPF program, e.g. a switch or a counter of a scheduler. @throws HarnessError `bpf-unknown` */
  global(name: string): GuestObject;
}
