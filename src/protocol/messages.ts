import type { GuestTopology } from '../spec/topology/guest-topology';
import type { AssertResult } from '../verdict/assert-result';
import type { SchedulerRun } from '../verdict/scheduler/scheduler-run';

export const PROTOCOL_VERSION = 1;

/** Frame kinds on the wire. Guest to host only: a run takes no input but its image. */
export const FRAME_KINDS = {
  hello: 1,
  testStart: 2,
  console: 3,
  stepStart: 4,
  stepEnd: 5,
  departure: 6,
  result: 7,
  scheduler: 8,
} as const;

export type MessageKind = keyof typeof FRAME_KINDS;

/** Name of the error by which the host tells a body that did not return from one that threw. */
export const NEVER_RETURNED = 'BodyNeverReturned';

/** An instant by the guest's CLOCK_MONOTONIC. */
export interface StageMark {
  stage: string;
  atNs: number;
}

/** An error of the guest. `stack` is as V8 printed it: bundle positions, mapped to the author's file on the host. */
export interface GuestErrorData {
  name: string;
  message: string;
  stack: string;
  /** Present when a matcher failed. */
  matcher?: string;
}

export interface Messages {
  /** First frame of a run. */
  hello: {
    protocolVersion: number;
    kernelRelease: string;
    clockSource: string;
    topology: GuestTopology;
    stages: StageMark[];
  };
  testStart: { name: string; atNs: number };
  console: { type: string; message: string; stack: string; atNs: number };
  /** Fixed binary record, 16 bytes: step u32 (from 1), reserved u32, atNs u64. */
  stepStart: { step: number; atNs: number };
  /** Fixed binary record, 24 bytes: step u32, reserved u32, atNs u64, iterations u64 (of all workers together). */
  stepEnd: { step: number; atNs: number; iterations: number };
  /** The guest is about to go without a result, e.g. the body called process.exit. */
  departure: { how: string; code: number | null; stack: string };
  /** Last frame of a run. `errors` are those of the body and its hooks, in order; `schedulers` are all that ran, in order of their start. */
  result: {
    errors: GuestErrorData[];
    assertResult: AssertResult | null;
    schedulers: SchedulerRun[];
    stages: StageMark[];
  };
  /** A scheduler is attached, or has ended: for the host in case there is no result. `index` counts the runs of schedulers, from 0. */
  scheduler: { index: number; run: SchedulerRun };
}

export type Message = { [K in MessageKind]: { kind: K } & Messages[K] }[MessageKind];
