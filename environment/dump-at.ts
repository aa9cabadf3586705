import { QemuMachine } from '../src/host/machine/qemu/qemu-machine';
import type { MachineConfig } from '../src/host/machine/machine';
import type { GuestDeadlines } from '../src/host/machine/watch-guest';
import { momentOrders, vmcoreinfoOf, type TickKernel } from '../src/host/monitor/probe/tick-kernel';
import type { MemoryWrite } from '../src/host/monitor/memory/recorded-memory';
import type { FailureDump } from '../src/verdict/monitor/failure-dump';
import { attemptDump, inspectStopped } from './inspect-machine';

/** Writes of the host at a moment of the guest's time, at which it stood still. */
export interface Interference {
  atNs: bigint;
  writes: readonly MemoryWrite[];
}

export interface Moment {
  tick: TickKernel;
  /** By the guest's CLOCK_MONOTONIC. */
  atNs: bigint;
  /** What the host wrote into the guest's memory on the way there, in order. */
  interferences: readonly Interference[];
  deadlines: GuestDeadlines;
}

/**
 * What was to be seen at a moment of a run in virtual time that is over: another machine goes the same way as far as there.
 * Never rejects, as `inspectMachine`: the run has failed in its own way.
 */
export function dumpAt(config: MachineConfig, moment: Moment): Promise<FailureDump> {
  return attemptDump(() => goThere(config, moment));
}

async function goThere(config: MachineConfig, moment: Moment): Promise<FailureDump> {
  const { tick, atNs, interferences, deadlines } = moment;
  const deadlineMs = deadlines.bootMs + deadlines.testMs;
  await using machine = await QemuMachine.start('deterministic', {
    ...config,
    probe: momentOrders(tick, interferences[0]?.atNs ?? atNs),
  });
  await machine.probe?.stopped(deadlineMs);
  for (const [index, { writes }] of interferences.entries()) {
    for (const { gpa, data } of writes) machine.memory.write(gpa, data);
    machine.probe?.go(momentOrders(tick, interferences[index + 1]?.atNs ?? atNs));
    await machine.probe?.stopped(deadlineMs);
  }
  // Awaited here: the machine is gone behind the end of this function.
  return await inspectStopped(machine, vmcoreinfoOf(tick));
}
