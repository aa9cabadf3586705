import type { Machine } from '../src/host/machine/machine';
import { collectDump, type StoppedMachine } from '../src/host/monitor/dump/collect-dump';
import type { FailureDump } from '../src/verdict/monitor/failure-dump';
import { scaledMs } from '../src/spec/time-scale';
import { within } from './within';

/** Longest that a machine takes to stand still and tell its registers, on a busy host. */
const STOP_DEADLINE_MS = scaledMs(5_000);

/** What a look into a machine needs of it. */
export type InspectedMachine = Pick<Machine, 'memory' | 'registers' | 'pause' | 'resume'>;

/** The guest's kernel, as far as it is known. */
type KnownKernel = StoppedMachine['kernel'];

/** Stops a machine for good and looks into it. Never rejects: what cannot be seen is named in the dump. */
export function inspectMachine(machine: Machine, kernel: KnownKernel): Promise<FailureDump> {
  return attemptDump(async () => {
    await inTime(machine.pause());
    return look(machine, kernel);
  });
}

/** Freezes a machine while it looks into it. Never rejects, as `inspectMachine`. */
export function glanceInto(machine: InspectedMachine, kernel: KnownKernel): Promise<FailureDump> {
  return attemptDump(async () => {
    await inTime(machine.pause());
    try {
      return await look(machine, kernel);
    } finally {
      await inTime(machine.resume());
    }
  });
}

/** Looks into a machine that a probe has stopped, whose registers are those in front of the probe's instruction. Never rejects. */
export function inspectStopped(machine: Machine, kernel: KnownKernel): Promise<FailureDump> {
  return attemptDump(() => look(machine, kernel));
}

async function look(machine: InspectedMachine, kernel: KnownKernel): Promise<FailureDump> {
  const registers = await inTime(machine.registers());
  return collectDump({ memory: machine.memory, registers, kernel });
}

function inTime<T>(work: Promise<T>): Promise<T> {
  return within(STOP_DEADLINE_MS, work, `it did not stand still within ${STOP_DEADLINE_MS} ms`);
}

/** A dump, or one that says why there is none. Never rejects. */
export async function attemptDump(look: () => Promise<FailureDump>): Promise<FailureDump> {
  try {
    return await look();
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    return {
      version: 1,
      kernelRelease: null,
      sched: null,
      stacks: [],
      log: [],
      unavailable: [`the machine: ${reason}`],
    };
  }
}
