import { encodeRanges, encodeWindows, type AddressSpace, type RamRange } from './address-space';
import { MONITOR_STRUCTURES } from './monitor-layout';
import { structureCodec } from './structure-codec';

/** What the plugin of an emulated machine does at an instruction. Hits count from 1, over all orders of a machine. */
export interface ProbeOrders {
  /** Kernel address of the instruction; that of the first orders of a machine stays. */
  address: bigint;
  space: AddressSpace;
  /** Made by `encodePlan`. */
  plan: Buffer;
  /** Hits from one sample to the next. */
  sampleEvery?: number;
  /** A word of the kernel that tells its time. */
  clock?: bigint;
  /** By the clock, the shortest time from one sample to the next. */
  samplePeriod?: bigint;
  /** Hits from one digest of RAM to the next. */
  digestEvery?: number;
  /** First guest-physical address that counts in a digest, by default 0. */
  digestFrom?: bigint;
  /** Where to stop once: at a hit, or at the first one at which the clock has reached a value. */
  stopAt?: { hit: bigint } | { clock: bigint };
  /** Where to stop once, too: at the first hit at which 4 bytes of the kernel have a value. At one stop both are done with. */
  stopWhen?: { kva: bigint; value: number };
}

const ORDERS = structureCodec(MONITOR_STRUCTURES.probe_orders);

/** Orders as native/abi/probe.h has them. `ranges` have descriptors of QEMU's process. */
export function encodeProbeOrders(orders: ProbeOrders, ranges: readonly RamRange[]): Buffer {
  const { address, space, plan } = orders;
  const header = {
    address,
    sample_every: orders.sampleEvery ?? 0,
    sample_period: orders.samplePeriod ?? 0,
    digest_every: orders.digestEvery ?? 0,
    digest_from: orders.digestFrom ?? 0,
    clock_kva: orders.clock ?? 0,
    ...stopFields(orders),
    root_gpa: space.rootGpa,
    levels: space.levels,
    range_count: ranges.length,
    window_count: space.windows.length,
    plan_bytes: plan.length,
    reserved: 0,
  };
  return Buffer.concat([ORDERS.encode([header]), encodeRanges(ranges), encodeWindows(space), plan]);
}

function stopFields({ stopAt, stopWhen = { kva: 0n, value: 0 } }: ProbeOrders) {
  return {
    stop_at_hit: stopAt !== undefined && 'hit' in stopAt ? stopAt.hit : 0,
    stop_at_clock: stopAt !== undefined && 'clock' in stopAt ? stopAt.clock : 0,
    stop_kva: stopWhen.kva,
    stop_value: stopWhen.value,
  };
}
