import type {
  DumpedCpu,
  DumpedTask,
  DumpedVariable,
  FailureDump,
  WaitingTask,
} from '../src/verdict/monitor/failure-dump';

const WAITING_LINES = 8;
const CPU_LINES = 16;
const VARIABLES = 16;
const FRAMES = 6;
const LOG_LINES = 10;
const MS_PER_S = 1000;

/** The page of a dump that a failure message shows. @param file where all of it is, relative to the project's folder */
export function dumpText({ sched, stacks, log, unavailable }: FailureDump, file: string | null): string[] {
  return [
    `the guest, seen from outside${file === null ? '' : ` (all of it: ${file})`}:`,
    ...(sched === null ? [] : [...scxLines(sched.scx), ...waitingLines(sched.waiting), ...cpuLines(sched)]),
    ...(sched?.dsqs ?? []).filter(({ depth }) => depth > 0).map(({ id, depth }) => `  DSQ ${id}: ${depth} queued`),
    ...variableLines(sched?.variables ?? []),
    ...vcpuLines(stacks),
    ...(sched === null ? logLines(log) : []),
    ...unavailable.map((reason) => `  not read: ${reason}`),
  ];
}

function scxLines(scx: NonNullable<FailureDump['sched']>['scx']): string[] {
  if (scx === null || scx.ops === null) return [];
  const limit = scx.watchdogTimeoutMs === null ? '' : `, watchdog ${scx.watchdogTimeoutMs} ms`;
  return [`  sched_ext: "${scx.ops}", ${scx.state}${limit}`];
}

function waitingLines(waiting: readonly WaitingTask[]): string[] {
  const shown = waiting.slice(0, WAITING_LINES).flatMap((task, index) => [
    `  waits: ${taskText(task)}${waitText(task)} on cpu ${task.cpu}, in ${task.queue}`,
    // The one that has waited longest is the one to ask about.
    ...(index === 0 ? stackLines(task.stack) : []),
  ]);
  const more = waiting.length - WAITING_LINES;
  return more > 0 ? [...shown, `  and ${more} more tasks that wait`] : shown;
}

function waitText({ waitedMs }: WaitingTask): string {
  if (waitedMs === null) return '';
  return waitedMs >= MS_PER_S ? ` for ${(waitedMs / MS_PER_S).toFixed(3)} s` : ` for ${waitedMs.toFixed(1)} ms`;
}

function cpuLines({ cpus, scx }: NonNullable<FailureDump['sched']>): string[] {
  const hasScheduler = scx !== null && scx.ops !== null;
  const shown = cpus
    .slice(0, CPU_LINES)
    .flatMap((entry) => [
      `  ${cpuText(entry)}${hasScheduler ? `, local DSQ ${entry.localDsqDepth}` : ''}`,
      ...(entry.isIdle ? [] : stackLines(entry.stack)),
    ]);
  return cpus.length > CPU_LINES ? [...shown, `  and ${cpus.length - CPU_LINES} more CPUs`] : shown;
}

/** Of a kernel that has no scheduler yet, in which most vcpus wait to be started. */
function vcpuLines(stacks: readonly (readonly string[])[]): string[] {
  const inKernel = stacks.map((stack, vcpu) => ({ stack, vcpu })).filter(({ stack }) => stack.length > 0);
  const shown = inKernel.slice(0, CPU_LINES).flatMap(({ stack, vcpu }) => [`  vcpu ${vcpu}:`, ...stackLines(stack)]);
  return inKernel.length > CPU_LINES ? [...shown, `  and ${inKernel.length - CPU_LINES} more vcpus`] : shown;
}

/** Of a kernel whose console has most likely not begun. */
function logLines(log: readonly string[]): string[] {
  return log.length === 0
    ? []
    : ["  the end of the kernel's log:", ...log.slice(-LOG_LINES).map((line) => `      ${line}`)];
}

function cpuText({ cpu, nrRunning, curr, isIdle }: DumpedCpu): string {
  return `cpu ${cpu}: ${isIdle ? 'idle' : `runs ${taskText(curr)}`}, ${nrRunning} runnable`;
}

/** A line for the variables of each map that are not 0. */
function variableLines(variables: readonly DumpedVariable[]): string[] {
  return [...new Set(variables.map(({ map }) => map))].flatMap((name) => {
    const set = variables.filter(({ map, isZero }) => map === name && !isZero);
    const shown = set.slice(0, VARIABLES).map((variable) => `${variable.name} = ${variable.value}`);
    const more = set.length > VARIABLES ? [`${set.length - VARIABLES} more`] : [];
    return set.length === 0 ? [] : [`  ${name}: ${[...shown, ...more].join(', ')}`];
  });
}

function taskText({ comm, pid, schedClass }: DumpedTask): string {
  return `${comm}[${pid}]${schedClass === null ? '' : ` (${schedClass})`}`;
}

function stackLines(stack: readonly string[]): string[] {
  return stack.slice(0, FRAMES).map((frame) => `      ${frame}`);
}
