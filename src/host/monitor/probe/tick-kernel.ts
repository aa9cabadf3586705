import { HarnessError } from '../../../errors';
import { encodePlan } from '../plan/encode-plan';
import type { GuestMemory } from '../guest-memory';
import type { ProbeOrders } from '../../native/probe-orders';
import { locateKernel, tablesOf } from '../symbols/locate-kernel';
import { parseVmcoreinfo, vmcoreinfoText, type Vmcoreinfo } from '../symbols/vmcoreinfo';

/** Called by the CPU that keeps the time at each tick that it counts, and after an idle time: kernel/time/timekeeping.c. */
export const TICK_FUNCTION = 'update_wall_time';
/** When that was, by CLOCK_MONOTONIC in nanoseconds: kernel/time/tick-sched.c. It is set right before. */
export const TICK_CLOCK = 'last_jiffies_update';

/** What has to be known of a kernel before it boots to look into it at its ticks. It holds for each boot without KASLR. Fit for JSON. */
export interface TickKernel {
  /** Of the first instruction of the tick, hexadecimal. */
  address: string;
  /** Of the time of the tick. */
  clock: string;
  vmcoreinfo: string;
}

/** Learns it from a guest that runs the kernel. @param gpa of its VMCOREINFO. @throws {HarnessError} `decode`, `guest-memory`, `symbol-unknown` */
export function learnTickKernel(memory: GuestMemory, gpa: number): TickKernel {
  const text = vmcoreinfoText(memory, gpa);
  const info = parseVmcoreinfo(text, `0x${gpa.toString(16)}`);
  if (info.kernelOffset !== 0n) {
    const problem = `KASLR has moved the kernel by 0x${info.kernelOffset.toString(16)}, so no two boots have the same addresses`;
    throw new HarnessError('decode', { what: 'VMCOREINFO', at: 'KERNELOFFSET', problem });
  }
  const { symbols } = locateKernel(memory, info);
  const [address, clock] = [TICK_FUNCTION, TICK_CLOCK].map((name) => symbols.need(name).toString(16));
  return { address, clock, vmcoreinfo: text } as TickKernel;
}

/** @throws {HarnessError} `decode` */
export function vmcoreinfoOf(kernel: TickKernel): Vmcoreinfo {
  return parseVmcoreinfo(kernel.vmcoreinfo, 'an earlier boot');
}

/** Stop at the first tick, when the kernel has made its per-CPU areas. */
export function firstTickOrders(kernel: TickKernel): ProbeOrders {
  return stopOrders(kernel, { hit: 1n });
}

/** Stop at the first tick at or after a moment of the guest's CLOCK_MONOTONIC. */
export function momentOrders(kernel: TickKernel, atNs: bigint): ProbeOrders {
  return stopOrders(kernel, { clock: atNs });
}

function stopOrders(kernel: TickKernel, stopAt: NonNullable<ProbeOrders['stopAt']>): ProbeOrders {
  const { rootGpa, levels } = tablesOf(vmcoreinfoOf(kernel));
  return {
    address: BigInt(`0x${kernel.address}`),
    clock: BigInt(`0x${kernel.clock}`),
    plan: encodePlan({ expressions: [], groups: [], threads: [] }).bytes,
    space: { rootGpa: BigInt(rootGpa), levels, windows: [], tlbMs: 0 },
    stopAt,
  };
}
