import { isHarnessError } from '../../../errors';
import type { DumpedCpu, DumpedTask, FailureDump, WaitingTask } from '../../../verdict/monitor/failure-dump';
import type { RunQueueView, TaskView } from '../../../verdict/monitor/guest-view';
import type { CpuRegisters } from '../cpu-registers';
import type { GuestMemory } from '../guest-memory';
import { userDsqs } from '../kernel/dsq-view';
import { Kernel } from '../kernel/kernel';
import { lastLines } from '../kernel/kernel-log';
import { runQueueView } from '../kernel/run-queue-view';
import { scxView } from '../kernel/scx-view';
import { tasks } from '../kernel/task-view';
import { canUnwindTasks, frameText, type StackFrame, Unwinder } from '../stack/unwind';
import { findKernelImage } from '../symbols/find-kernel';
import { findVmcoreinfo, readVmcoreinfo, type Vmcoreinfo } from '../symbols/vmcoreinfo';
import { dsqName } from './dsq-name';
import { dumpVariables } from './variables';

/** What of a machine that stands still the dump is made from. */
export interface StoppedMachine {
  memory: GuestMemory;
  registers: readonly CpuRegisters[];
  /** The kernel, as far as it is known: where its VMCOREINFO note is, or what that says; null: it is looked for. */
  kernel: Kernel | number | Vmcoreinfo | null;
}

const NS_PER_MS = 1e6;
const MS_PER_S = 1000;
/** Of waiting tasks; the rest has no stack. Reading one takes milliseconds. */
const STACKS = 20;
/** More than a warning of the kernel has, with its registers and its stack. */
const LOG_LINES = 60;

/** Reads all that a dump holds. What cannot be read is named in it; nothing is thrown for memory that makes no sense. */
export function collectDump(machine: StoppedMachine): FailureDump {
  const unavailable: string[] = [];
  const attempt: Attempt = (what, read) => {
    try {
      return read();
    } catch (error) {
      if (!isHarnessError(error) && !(error instanceof RangeError)) throw error;
      unavailable.push(`${what}: ${error.message}`);
      return null;
    }
  };
  const kernel = attempt('the kernel', () => locate(machine));
  if (kernel === null && unavailable.length === 0)
    unavailable.push('the kernel: there is no image of Linux 6.4 or later in memory');
  // What it knows of translations is of a guest that ran.
  kernel?.memory.forget();
  const sched = kernel && attempt('the scheduler', () => schedOf(kernel, { registers: machine.registers, attempt }));
  const stacks = kernel && sched === null ? attempt('the stacks', () => stacksOf(kernel, machine.registers)) : null;
  const log = kernel && attempt("the kernel's log", () => lastLines(kernel, LOG_LINES));
  const kernelRelease = kernel?.release ?? null;
  return { version: 1, kernelRelease, sched, stacks: stacks ?? [], log: log ?? [], unavailable };
}

function locate({ memory, kernel: known }: StoppedMachine): Kernel | null {
  if (known instanceof Kernel) return known;
  const found = known ?? findVmcoreinfo(memory) ?? findKernelImage(memory);
  if (found === null) return null;
  return Kernel.locate(memory, typeof found === 'number' ? readVmcoreinfo(memory, found) : found);
}

/** Reads a part of the dump; null, and noted as unavailable, when it cannot be read. */
type Attempt = <T>(what: string, read: () => T) => T | null;

/** Of a kernel that has not come as far as its scheduler. */
function stacksOf(kernel: Kernel, registers: readonly CpuRegisters[]): string[][] {
  const unwinder = new Unwinder(kernel);
  return registers.map((vcpu) => stackText(unwinder.ofCpu(vcpu)));
}

/** A list that was being changed when the machine stopped costs the part that it is in, not the whole. */
function schedOf(
  kernel: Kernel,
  { registers, attempt }: { registers: readonly CpuRegisters[]; attempt: Attempt },
): FailureDump['sched'] {
  const unwinder = new Unwinder(kernel);
  // Room is made for more CPUs than there are.
  const queues = registers.map((_, cpu) => runQueueView(kernel, cpu));
  const all = attempt('the tasks', () => [...tasks(kernel)]) ?? [];
  const dsqs = attempt('the DSQs', () => userDsqs(kernel)) ?? [];
  const scx = attempt('sched_ext', () => scxView(kernel));
  const hasScheduler = scx !== null && scx.ops !== null;
  return {
    cpus: queues.map((queue) => cpuDump(queue, stackText(unwinder.ofCpu(registers[queue.cpu] ?? NOWHERE)))),
    waiting: attempt('the tasks that wait', () => waitingTasks(kernel, { all, queues, unwinder })) ?? [],
    taskCount: all.length,
    scx,
    dsqs: dsqs.map(({ id, depth, tasks: queued }) => ({
      ...{ id: `0x${id.toString(16)}`, depth, pids: queued.map(({ pid }) => pid) },
    })),
    variables: hasScheduler ? (attempt('the variables of the scheduler', () => dumpVariables(kernel)) ?? []) : [],
  };
}

const NOWHERE: CpuRegisters = { rip: 0n, rsp: 0n, rbp: 0n, cr3: 0n };

function cpuDump({ cpu, nrRunning, curr, isIdle, scx }: RunQueueView, stack: string[]): DumpedCpu {
  return { cpu, nrRunning, curr: taskDump(curr), isIdle, localDsqDepth: scx?.localDsqDepth ?? null, stack };
}

function taskDump({ pid, comm, cpu, schedClass }: TaskView): DumpedTask {
  return { pid, comm, cpu, schedClass };
}

interface Seen {
  all: readonly TaskView[];
  queues: readonly RunQueueView[];
  unwinder: Unwinder;
}

function waitingTasks(kernel: Kernel, { all, queues, unwinder }: Seen): WaitingTask[] {
  // The clock of a CPU that sleeps stands still; they all count from the same moment.
  const clockNs = queues.reduce((latest, queue) => (queue.clockNs > latest ? queue.clockNs : latest), 0n);
  const now: Now = { clockNs, jiffies: kernel.memory.readU64(kernel.symbols.need('jiffies')), hz: kernel.hz };
  const hasStacks = canUnwindTasks(kernel);
  return all
    .filter(({ isQueued, isOnCpu }) => isQueued && !isOnCpu)
    .map((task) => ({ task, waitedMs: waitedMs(task, now) }))
    .toSorted((a, b) => (b.waitedMs ?? 0) - (a.waitedMs ?? 0))
    .map(({ task, waitedMs: ms }, index) => ({
      ...taskDump(task),
      waitedMs: ms,
      queue: queueOf(task),
      stack: hasStacks && index < STACKS ? stackText(unwinder.ofTask(task)) : [],
    }));
}

/** By the clocks that tell since when a task waits. */
interface Now {
  /** Of the run queues: exact, and behind while all CPUs sleep. */
  clockNs: bigint;
  jiffies: bigint;
  hz: number | null;
}

function waitedMs({ object, schedClass, scx }: TaskView, { clockNs, jiffies, hz }: Now): number | null {
  const queuedNs = object.get('sched_info.last_queued').big();
  const exactMs = queuedNs === 0n ? null : Math.max(0, Number(clockNs - queuedNs) / NS_PER_MS);
  if (schedClass !== 'ext' || scx === null || hz === null) return exactMs;
  // A tick less, of which a part may be over.
  const ticks = Number(BigInt.asIntN(64, jiffies - scx.runnableAt)) - 1;
  return Math.max(exactMs ?? 0, (ticks * MS_PER_S) / hz);
}

function queueOf({ cpu, scx }: TaskView): string {
  const dsqId = scx?.dsqId ?? null;
  return dsqId === null ? `the run queue of cpu ${cpu}` : dsqName(dsqId, cpu);
}

function stackText(frames: readonly StackFrame[]): string[] {
  return frames.map(frameText);
}
