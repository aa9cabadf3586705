import type { Machine } from '../src/host/machine/machine';
import { collectDump, type StoppedMachine } from '../src/host/monitor/dump/collect-dump';
import type { FailureDump } from '../src/verdict/monitor/failure-dump';

/** Longest that a machine takes to stand still and tell its registers, on a busy host. */
const STOP_DEADLINE_MS = 5_000;

/** What a look into a machine needs of it. */
export type InspectedMachine = Pick<Machine, 'memory' | 'registers' | 'pause' | 'resume'>;

/** The guest's kernel, as far as it is known. */
type KnownKernel = StoppedMachine['kernel'];

/** Stops a machine for good and looks into it. Never rejects: what cannot be seen is named in the dump. */
export function inspectMachine(machine: Machine, kernel: KnownKernel): Promise<FailureDump> {
  return attempt(async () => {
    await within(STOP_DEADLINE_MS, machine.pause());
    return look(machine, kernel);
  });
}

/** Freezes a machine while it looks into it. Never rejects, as `inspectMachine`. */
export function glanceInto(machine: InspectedMachine, kernel: KnownKernel): Promise<FailureDump> {
  return attempt(async () => {
    await within(STOP_DEADLINE_MS, machine.pause());
    try {
      return await look(machine, kernel);
    } finally {
      await within(STOP_DEADLINE_MS, machine.resume());
    }
  });
}

/** Looks into a machine that a probe has stopped, whose registers are those in front of the probe's instruction. Never rejects. */
export function inspectStopped(machine: Machine, kernel: KnownKernel): Promise<FailureDump> {
  return attempt(() => look(machine, kernel));
}

async function look(machine: InspectedMachine, kernel: KnownKernel): Promise<FailureDump> {
  const registers = await within(STOP_DEADLINE_MS, machine.registers());
  return collectDump({ memory: machine.memory, registers, kernel });
}

async function attempt(look: () => Promise<FailureDump>): Promise<FailureDump> {
  try {
    return await look();
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    return { version: 1, kernelRelease: null, sched: null, unavailable: [`the machine: ${reason}`] };
  }
}

async function within<T>(ms: number, work: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`it did not stand still within ${ms} ms`)), ms);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}
