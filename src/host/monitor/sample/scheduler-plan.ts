import type { CpuSample, LongestWait, MonitorSample, ScxSample } from '../../../verdict/monitor/sample';
import { hasMember, member } from '../btf/layout';
import type { Kernel } from '../kernel/kernel';
import type { WatchedPlace } from '../bpf/watched-place';
import { SCX_DISABLED, SCX_ENABLED, scxState } from '../kernel/scx-state';
import type { PlanRecord } from '../plan/decode-record';
import type { ReadExpression, ReadGroup, ReadPlan } from '../plan/read-plan';
import { eventPart } from './event-part';
import { watchedPart } from './watched-part';

/** A plan of what a sample of the scheduler is made from, and how to make it from a record. */
export interface SchedulerPlan {
  plan: ReadPlan;
  toSample(record: PlanRecord): MonitorSample;
}

/** Counters of `struct rq` that are there with CONFIG_SCHEDSTATS, by the names of a sample. */
const COUNTERS = {
  runDelayNs: 'rq_sched_info.run_delay',
  pcount: 'rq_sched_info.pcount',
  yldCount: 'yld_count',
  schedCount: 'sched_count',
  schedGoidle: 'sched_goidle',
  ttwuCount: 'ttwu_count',
  ttwuLocal: 'ttwu_local',
} as const;
type Counter = keyof typeof COUNTERS;

const COMM_BYTES = 16;
const OPS_NAME_BYTES = 128;
const MS_PER_S = 1000;
const MAX_CLASSES = 64;

export interface PlanOptions {
  cpuCount: number;
  /** The host's thread of each vcpu; empty where they have none of their own. */
  vcpuThreads: ReadPlan['threads'];
  /** Samples from one reading of the threads to the next. */
  threadsEvery: number;
  /** The kernel's word that holds the time of a sample, in nanoseconds, where that is not the host's. */
  clockKva?: bigint;
  /** In the memory of the scheduler that is attached. */
  watched?: readonly WatchedPlace[];
}

/** Compiles the plan for a kernel: its addresses and offsets are those of this boot. @throws HarnessError `btf-unknown`, `symbol-unknown` */
export function schedulerPlan(kernel: Kernel, options: PlanOptions): SchedulerPlan {
  const { cpuCount, vcpuThreads, threadsEvery, clockKva, watched = [] } = options;
  const expressions: ReadExpression[] = [];
  const groups: ReadGroup[] = [];
  const add = (expression: ReadExpression): number => expressions.push(expression) - 1;
  // Read before all others: what is younger has not waited.
  const jiffies = add({ base: kernel.symbols.need('jiffies'), length: 8 });
  const className = classNames(kernel);
  const cpus = Array.from({ length: cpuCount }, (_, cpu) => {
    const first = expressions.length;
    const decode = cpuPart(kernel, { cpu, add, jiffies, className });
    groups.push({ first, count: expressions.length - first });
    return decode;
  });
  const scx = scxPart(kernel, add);
  const watchedOf = watchedPart(watched, add);
  const clock = clockKva === undefined ? null : add({ base: clockKva, length: 8 });
  return {
    plan: { expressions, groups, threads: vcpuThreads, threadsEvery },
    toSample(record) {
      const all = cpus.map((decode, cpu) => decode(record, record.consistent[cpu] ?? false));
      const state = scx(record);
      return {
        hostNs: clock === null ? record.hostNs : (record.u64(clock) ?? 0n),
        cpus: all,
        scx: state,
        slowNs: null,
        programs: [],
        // The memory of one that has left is anybody's.
        watched: state?.state === SCX_ENABLED ? watchedOf(record) : {},
        // Before the kernel has set its CPUs up, there is nothing where they will be.
        valid: all.some(({ clockNs, curr }) => clockNs > 0n && curr !== null),
      };
    },
  };
}

type Add = (expression: ReadExpression) => number;

function cpuPart(
  kernel: Kernel,
  { cpu, add, jiffies, className }: { cpu: number; add: Add; jiffies: number; className: ClassName },
): (record: PlanRecord, isConsistent: boolean) => CpuSample {
  const base = kernel.symbols.need('runqueues') + kernel.perCpuBase(cpu);
  const ofRq = (path: string): number => {
    const { offsetBytes, sizeBytes } = member(kernel.btf, 'rq', path);
    return add({ base, offset: offsetBytes, length: sizeBytes });
  };
  const ofCurr = (path: string, length?: number): number => {
    const { offsetBytes, sizeBytes } = member(kernel.btf, 'task_struct', path);
    const steps = [member(kernel.btf, 'rq', 'curr').offsetBytes];
    return add({ base, steps, offset: offsetBytes, length: length ?? sizeBytes });
  };
  // The first one is read before and after the others: it moves on whenever the run queue changes.
  const clock = ofRq('clock');
  const nrRunning = ofRq('nr_running');
  const curr = { pid: ofCurr('pid'), comm: ofCurr('comm', COMM_BYTES), schedClass: ofCurr('sched_class') };
  const hasScx = hasMember(kernel.btf, 'rq', 'scx.local_dsq');
  const scx = hasScx && { nr: ofRq('scx.nr_running'), flags: ofRq('scx.flags'), depth: ofRq('scx.local_dsq.nr') };
  const wait = hasScx ? waitPart(kernel, { base, add, jiffies }) : null;
  const counters = hasMember(kernel.btf, 'rq', COUNTERS.ttwuCount) ? countersPart(kernel, ofRq) : null;
  const events = eventPart(kernel, { cpu, add });
  return (record, consistent) => ({
    nrRunning: record.u32(nrRunning) ?? 0,
    scxNrRunning: scx ? record.u32(scx.nr) : null,
    localDsqDepth: scx ? record.u32(scx.depth) : null,
    scxFlags: scx ? record.u32(scx.flags) : null,
    longestWait: wait && wait(record),
    clockNs: record.u64(clock) ?? 0n,
    curr: taskOf(record, curr, className),
    schedstat: counters && counters(record),
    ...vcpuTime(record, cpu),
    ...{ domains: null, events: events(record), consistent },
  });
}

/** The first of the tasks that sched_ext has as runnable and does not run is the one that became so first. */
function waitPart(
  { btf, hz }: Kernel,
  { base, add, jiffies }: { base: bigint; add: Add; jiffies: number },
): (record: PlanRecord) => LongestWait | null {
  const list = member(btf, 'rq', 'scx.runnable_list').offsetBytes;
  const node = member(btf, 'task_struct', 'scx.runnable_node').offsetBytes;
  const ofFirst = (path: string, length: number): number =>
    add({ base, steps: [list], offset: member(btf, 'task_struct', path).offsetBytes - node, length });
  const first = add({ base, offset: list, length: 8 });
  const [since, pid, comm] = [ofFirst('scx.runnable_at', 8), ofFirst('pid', 4), ofFirst('comm', COMM_BYTES)];
  return (record) => {
    const [now, runnableAt, own, name] = [record.u64(jiffies), record.u64(since), record.u32(pid), record.value(comm)];
    // A list whose first entry is its head has none.
    if (record.u64(first) === base + BigInt(list)) return { task: null, ms: 0 };
    if (hz === null || now === null || runnableAt === null || own === null || name === null) return null;
    const ticks = BigInt.asIntN(64, now - runnableAt);
    return { task: { pid: own, comm: text(name) }, ms: Math.max(0, (Number(ticks) * MS_PER_S) / hz) };
  };
}

/** Between two readings there is none, so that a time that was not read is not taken for one that stood still. */
function vcpuTime(record: PlanRecord, cpu: number): Pick<CpuSample, 'vcpuCpuNs' | 'vcpuRunDelayNs'> {
  const reading = (record.threadsRead && record.threads[cpu]) || null;
  return { vcpuCpuNs: reading?.cpuNs ?? null, vcpuRunDelayNs: reading?.runDelayNs ?? null };
}

function taskOf(
  record: PlanRecord,
  at: { pid: number; comm: number; schedClass: number },
  className: ClassName,
): CpuSample['curr'] {
  const [pid, comm, classAddress] = [record.u32(at.pid), record.value(at.comm), record.u64(at.schedClass)];
  if (pid === null || comm === null) return null;
  return { pid, comm: text(comm), schedClass: classAddress === null ? null : className(classAddress) };
}

type ClassName = (address: bigint) => string | null;

/** Looks each class up once: a kernel has six, and a sample tells one per CPU. */
function classNames({ symbols }: Kernel): ClassName {
  const known = new Map<bigint, string | null>();
  return (address) => {
    const name = known.get(address);
    if (name !== undefined) return name;
    const found = symbols.at(address)?.name.replace(/_sched_class$/, '') ?? null;
    // Torn reads give addresses without end.
    if (known.size < MAX_CLASSES) known.set(address, found);
    return found;
  };
}

function countersPart(kernel: Kernel, ofRq: (path: string) => number): (record: PlanRecord) => Record<Counter, bigint> {
  const names = Object.keys(COUNTERS) as Counter[];
  const counters = names.map((name) => ({ name, numberOf: numberAt(kernel, ofRq, COUNTERS[name]) }));
  return (record) => {
    // There are samples by the thousand, and an object from entries would take half as long as all else of one.
    const values: Partial<Record<Counter, bigint>> = {};
    for (const { name, numberOf } of counters) values[name] = numberOf(record);
    return values as Record<Counter, bigint>;
  };
}

/** Of 4 or 8 bytes. */
function numberAt(
  kernel: Kernel,
  ofRq: (path: string) => number,
  path: (typeof COUNTERS)[Counter],
): (record: PlanRecord) => bigint {
  const at = ofRq(path);
  if (member(kernel.btf, 'rq', path).sizeBytes === 8) return (record) => record.u64(at) ?? 0n;
  return (record) => BigInt(record.u32(at) ?? 0);
}

function text(bytes: Buffer): string {
  const end = bytes.indexOf(0);
  return bytes.toString('latin1', 0, end < 0 ? bytes.length : end);
}

/** sched_ext's own variables, which became members of the attached scheduler with 6.16; null for every record of a kernel without sched_ext. */
function scxPart(kernel: Kernel, add: Add): (record: PlanRecord) => ScxSample | null {
  const variable = scxState(kernel);
  const places = variable && schedulerPlaces(kernel);
  if (variable === null || places === null) return () => null;
  const state = add({ base: variable.address, length: 4 });
  const exitKind = add({ ...places.exitKind, length: 4 });
  const name = add({ ...places.name, length: OPS_NAME_BYTES });
  return (record) => {
    const value = variable.nameOf(record.u32(state) ?? -1);
    const opsName = record.value(name);
    return {
      state: value,
      opsName: value === SCX_DISABLED || opsName === null ? null : text(opsName),
      exitKind: record.u32(exitKind),
      userDsqs: null,
    };
  };
}

type Place = Omit<ReadExpression, 'length'>;

function schedulerPlaces({ symbols, btf }: Kernel): { exitKind: Place; name: Place } | null {
  const [root, exitVar, ops] = ['scx_root', 'scx_exit_kind', 'scx_ops'].map((name) => symbols.find(name));
  if (root !== undefined && hasMember(btf, 'scx_sched', 'ops')) {
    const inRoot = (path: string): Place => ({
      base: root,
      steps: [0],
      offset: member(btf, 'scx_sched', path).offsetBytes,
    });
    return { exitKind: inRoot('exit_kind'), name: inRoot('ops.name') };
  }
  if (exitVar === undefined || ops === undefined) return null;
  const offset = member(btf, 'sched_ext_ops', 'name').offsetBytes;
  return { exitKind: { base: exitVar }, name: { base: ops, offset } };
}
