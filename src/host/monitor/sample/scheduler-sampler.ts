import type { MonitorSample } from '../../../verdict/monitor/sample';
import type { AddressSpace, RamRange } from '../../native/address-space';
import { NativeMonitor } from '../../native/monitor';
import type { NativeSampler } from '../../native/monitor-sampler';
import type { Kernel } from '../kernel/kernel';
import { decodeRecord } from '../plan/decode-record';
import { type EncodedPlan, encodePlan } from '../plan/encode-plan';
import type { Sampler } from './sampler';
import { schedulerPlan, type SchedulerPlan } from './scheduler-plan';
import { scaledMs } from '../../../spec/time-scale';

export interface SamplerOptions {
  /** 1 to 1000. */
  periodMs: number;
  cpuCount: number;
  vcpuThreads: readonly { pid: number; tid: number }[];
  /** Told what is new, in order of time, a few times a second. */
  onSamples?: (samples: readonly MonitorSample[]) => void;
}

/** Room for what is sampled while this process has something else to do. */
const ROOM_MS = 20_000;
/** The run queues of a kernel stay where they are, so translations hold for long. */
const TLB_MS = 1_000;
/** Chosen: the time of a thread takes ten times as long to read as a run queue. */
const THREADS_MS = 10;
const STOP_DEADLINE_MS = scaledMs(5_000);
/** Chosen: what is wrong in a guest mostly lasts longer, and looking costs nothing. */
const LOOK_MS = 50;

/** Samples the scheduler of a running guest at a period, on a thread of its own. To be disposed of. */
export class SchedulerSampler implements Sampler {
  readonly hz: number | null;
  readonly #monitor: NativeMonitor;
  readonly #sampler: NativeSampler;
  readonly #plan: SchedulerPlan;
  readonly #encoded: EncodedPlan;
  readonly #samples: MonitorSample[] = [];
  readonly #timer: NodeJS.Timeout;
  readonly #onSamples: SamplerOptions['onSamples'];
  #dropped = 0n;

  /** @param ranges where the guest's RAM is. @throws HarnessError `monitor`, `btf-unknown`, `symbol-unknown` */
  static async start(kernel: Kernel, ranges: readonly RamRange[], options: SamplerOptions): Promise<SchedulerSampler> {
    const monitor = await NativeMonitor.create(ranges, kernelSpace(kernel, ranges));
    try {
      return new SchedulerSampler(monitor, kernel, options);
    } catch (error) {
      monitor[Symbol.dispose]();
      throw error;
    }
  }

  private constructor(monitor: NativeMonitor, kernel: Kernel, options: SamplerOptions) {
    const { periodMs, cpuCount, vcpuThreads } = options;
    this.#onSamples = options.onSamples;
    this.#monitor = monitor;
    this.hz = kernel.hz;
    const threadsEvery = Math.ceil(THREADS_MS / periodMs);
    this.#plan = schedulerPlan(kernel, { cpuCount, vcpuThreads, threadsEvery });
    this.#encoded = encodePlan(this.#plan.plan);
    const { bytes, recordBytes } = this.#encoded;
    this.#sampler = monitor.sample({ bytes, recordBytes }, { periodMs, capacity: Math.ceil(ROOM_MS / periodMs) });
    this.#sampler.onHalfFull(() => this.#drain());
    this.#timer = setInterval(() => this.#drain(), LOOK_MS);
  }

  /** CPU time of its thread so far. */
  get threadCpuNs(): bigint {
    return BigInt(this.#sampler.info().cpu_ns);
  }

  async finish(): Promise<{ samples: MonitorSample[]; dropped: bigint }> {
    clearInterval(this.#timer);
    await this.#sampler.stop(STOP_DEADLINE_MS);
    this.#drain();
    return { samples: this.#samples, dropped: this.#dropped };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    clearInterval(this.#timer);
    await this.#sampler[Symbol.asyncDispose]();
    this.#monitor[Symbol.dispose]();
  }

  #drain(): void {
    const fresh = this.#sampler.drain().map((bytes) => {
      const record = decodeRecord(this.#encoded, bytes);
      this.#dropped = record.dropped;
      return this.#plan.toSample(record);
    });
    for (const sample of fresh) this.#samples.push(sample);
    if (fresh.length > 0) this.#onSamples?.(fresh);
  }
}

/** The kernel's addresses. */
export function kernelSpace(kernel: Kernel, ranges: readonly RamRange[]): AddressSpace {
  const { rootGpa, levels } = kernel.memory.tables;
  return { rootGpa: BigInt(rootGpa), levels, windows: directMap(kernel, ranges), tlbMs: TLB_MS };
}

/** All of RAM in one piece, where the kernel has it for itself. */
function directMap(kernel: Kernel, ranges: readonly RamRange[]): AddressSpace['windows'] {
  const base = kernel.symbols.find('page_offset_base');
  const end = ranges.reduce((top, { gpa, bytes }) => Math.max(top, gpa + bytes), 0);
  return base === undefined ? [] : [{ kva: kernel.memory.readU64(base), bytes: BigInt(end), gpa: 0n }];
}
