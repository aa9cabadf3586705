import type { GuestTopology } from '../spec/topology/guest-topology';
import { type AssertResult, DETAIL_KINDS, OUTCOMES } from '../verdict/assert-result';
import { SCHEDULER_OUTCOMES, SCHEDULER_STOPS, type SchedulerRun } from '../verdict/scheduler/scheduler-run';
import type { WorkerReport } from '../verdict/worker-report';
import type { RecordKind } from './frame';
import type { MessageKind, Messages } from './messages';
import { type Shape, byKind, count, integer, list, literal, nullable, number, object, optional, text } from './shape';

export type JsonKind = Exclude<MessageKind, RecordKind>;

const stages = list(object<Messages['hello']['stages'][number]>({ stage: text, atNs: number }));

const topology = object<GuestTopology>({
  cpus: list(count),
  llcs: list(
    object<GuestTopology['llcs'][number]>({ cpus: list(count), numaNode: integer, cacheSizeKib: nullable(number) }),
  ),
  cores: list(list(count)),
  nodes: list(
    object<GuestTopology['nodes'][number]>({
      id: count,
      cpus: list(count),
      memoryKib: number,
      distances: list(number),
    }),
  ),
});

const workerReport = object<WorkerReport>({
  cgroup: text,
  index: count,
  pid: integer,
  workType: text,
  workUnits: number,
  iterations: number,
  wallTimeNs: number,
  cpuTimeNs: number,
  offCpuNs: number,
  maxGapNs: number,
  maxGapCpu: integer,
  maxGapAtNs: number,
  migrationCount: count,
  migrations: list(object<WorkerReport['migrations'][number]>({ atNs: number, from: integer, to: integer })),
  cpusUsed: list(count),
  schedstatCpuTimeNs: number,
  schedstatRunDelayNs: number,
  schedstatRunCount: number,
  exit: byKind<WorkerReport['exit']>({
    completed: object({ kind: literal('completed') }),
    signaled: object({ kind: literal('signaled'), signal: integer }),
    exited: object({ kind: literal('exited'), code: integer }),
    'timed-out': object({ kind: literal('timed-out') }),
  }),
});

const assertResult = object<AssertResult>({
  outcome: literal(...OUTCOMES),
  details: list(
    object<AssertResult['details'][number]>({
      kind: literal(...DETAIL_KINDS),
      outcome: literal(...OUTCOMES),
      message: text,
      // A cast for all optional members: JSON has no undefined, so a member that is there has a value.
      cgroup: optional(text) as Shape<string>,
      atNs: optional(number) as Shape<number>,
    }),
  ),
  stats: list(
    object<AssertResult['stats'][number]>({
      cgroup: text,
      workers: count,
      cpus: count,
      avgOffCpuPct: nullable(number),
      minOffCpuPct: nullable(number),
      maxOffCpuPct: nullable(number),
      spreadPct: nullable(number),
      maxGapMs: number,
      maxGapCpu: integer,
      migrations: count,
      iterations: number,
      workUnits: number,
    }),
  ),
  workers: list(workerReport),
});

const schedulerRun = object<SchedulerRun>({
  name: text,
  argv: list(text),
  ops: nullable(text),
  watchdog: nullable(object<NonNullable<SchedulerRun['watchdog']>>({ limitMs: number, askedMs: number })),
  startedAtNs: number,
  attachedAtNs: nullable(number),
  endedAtNs: nullable(number),
  stop: nullable(literal(...SCHEDULER_STOPS)),
  outcome: literal(...SCHEDULER_OUTCOMES),
  message: text,
  exit: nullable(object<NonNullable<SchedulerRun['exit']>>({ code: nullable(integer), signal: nullable(text) })),
  kernel: nullable(object<NonNullable<SchedulerRun['kernel']>>({ reason: text, message: nullable(text) })),
  stdout: text,
  stderr: text,
  kernelLines: list(text),
  dump: list(text),
});

/** What the JSON of each kind of frame must look like. */
export const PAYLOAD_SHAPES: { [K in JsonKind]: Shape<Messages[K]> } = {
  hello: object<Messages['hello']>({
    protocolVersion: integer,
    kernelRelease: text,
    clockSource: text,
    topology,
    stages,
  }),
  testStart: object<Messages['testStart']>({ name: text, atNs: number }),
  console: object<Messages['console']>({ type: text, message: text, stack: text, atNs: number }),
  departure: object<Messages['departure']>({ how: text, code: nullable(integer), stack: text }),
  result: object<Messages['result']>({
    errors: list(
      object<Messages['result']['errors'][number]>({
        name: text,
        message: text,
        stack: text,
        matcher: optional(text) as Shape<string>,
      }),
    ),
    assertResult: nullable(assertResult),
    schedulers: list(schedulerRun),
    stages,
  }),
  scheduler: object<Messages['scheduler']>({ index: count, run: schedulerRun }),
};
