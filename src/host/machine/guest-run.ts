import type { Message, MessageKind, Messages } from '../../protocol/messages';
import type { SchedulerRun } from '../../verdict/scheduler/scheduler-run';
import type { MachineExit } from './machine';

/** A call frame of JavaScript that was found looping. Lines and columns count from 0. */
export interface LoopFrame {
  functionName: string;
  url: string;
  line: number;
  column: number;
}

/** Why the host ended a machine, when it did. */
export interface HostStop {
  why: 'deadline' | 'panic' | 'timer-lost';
  /** What was waited for, how long, and what was seen last. */
  message: string;
}

/** Everything seen of one guest from spawn to exit. */
export interface GuestRun {
  messages: { [K in MessageKind]?: Messages[K] };
  /** Runs of schedulers by their index, as last told. */
  schedulers: Map<number, SchedulerRun>;
  /** Host milliseconds since spawn at which a stage was first seen. */
  seenAtMs: Map<string, number>;
  loop: LoopFrame[] | null;
  /** Guest-physical address of the kernel's VMCOREINFO note; null before init has told it, and of a kernel without. */
  vmcoreinfoGpa: number | null;
  /** `fault` lines of init and of the runtime. */
  faults: string[];
  stop: HostStop | null;
  exit: MachineExit;
  consoleText: string;
  /** Bytes of port 1 that were no intact frame. */
  droppedBytes: number;
  endedAtMs: number;
}

export type MessageListener = (message: Message) => void;
