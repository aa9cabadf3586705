import { QemuMachine } from '../src/host/machine/qemu/qemu-machine';
import type { MachineConfig } from '../src/host/machine/machine';
import type { GuestDeadlines } from '../src/host/machine/watch-guest';
import { momentOrders, vmcoreinfoOf, type TickKernel } from '../src/host/monitor/probe/tick-kernel';
import type { FailureDump } from '../src/verdict/monitor/failure-dump';
import { inspectStopped } from './inspect-machine';

export interface Moment {
  tick: TickKernel;
  /** By the guest's CLOCK_MONOTONIC. */
  atNs: bigint;
  deadlines: GuestDeadlines;
}

/**
 * What was to be seen at a moment of a run in virtual time that is over: another machine goes the same way as far as there.
 * @throws HarnessError `monitor` when it does not get there, `machine-start`
 */
export async function dumpAt(config: MachineConfig, { tick, atNs, deadlines }: Moment): Promise<FailureDump> {
  await using machine = await QemuMachine.start('deterministic', { ...config, probe: momentOrders(tick, atNs) });
  await machine.probe?.stopped(deadlines.bootMs + deadlines.testMs);
  // Awaited here: the machine is gone behind the end of this function.
  return await inspectStopped(machine, vmcoreinfoOf(tick));
}
