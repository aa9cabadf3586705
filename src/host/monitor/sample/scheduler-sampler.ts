import type { MonitorSample } from '../../../verdict/monitor/sample';
import { scaledMs } from '../../../spec/time-scale';
import type { AddressSpace, RamRange } from '../../native/address-space';
import { NativeMonitor } from '../../native/monitor';
import type { NativeSampler } from '../../native/monitor-sampler';
import type { Kernel } from '../kernel/kernel';
import { decodeRecord } from '../plan/decode-record';
import { type EncodedPlan, encodePlan } from '../plan/encode-plan';
import type { WatchedPlace } from '../bpf/watched-place';
import type { Sampler } from './sampler';
import { schedulerPlan, type SchedulerPlan } from './scheduler-plan';
import { SLOW_PERIOD_MS, SlowMerge, SlowReader } from './slow-reader';

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

/** What one native sampler does. */
interface Sampling {
  sampler: NativeSampler;
  plan: SchedulerPlan;
  encoded: EncodedPlan;
  /** As its last record says. */
  dropped: bigint;
}

/** Samples the scheduler of a running guest at a period, on a thread of its own. To be disposed of. */
export class SchedulerSampler implements Sampler {
  readonly hz: number | null;
  readonly #monitor: NativeMonitor;
  readonly #kernel: Kernel;
  readonly #options: SamplerOptions;
  readonly #samples: MonitorSample[] = [];
  readonly #timer: NodeJS.Timeout;
  readonly #slowTimer: NodeJS.Timeout;
  readonly #merge = new SlowMerge();
  /** Null while another plan is being put in. */
  #current: Sampling | null;
  /** By those that are over. */
  #dropped = 0n;
  #cpuNs = 0n;
  #isOver = false;
  #rebinding: Promise<void> = Promise.resolve();

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
    this.#monitor = monitor;
    this.#kernel = kernel;
    this.#options = options;
    this.hz = kernel.hz;
    this.#current = this.#begin([]);
    this.#timer = setInterval(() => this.#drain(), LOOK_MS);
    const slow = new SlowReader(kernel, options.cpuCount);
    this.#slowTimer = setInterval(() => this.#merge.add(slow.read(process.hrtime.bigint())), SLOW_PERIOD_MS);
  }

  /** CPU time of its threads so far. */
  get threadCpuNs(): bigint {
    return this.#cpuNs + BigInt(this.#current?.sampler.info().cpu_ns ?? 0);
  }

  /** From now on what is watched is this, in the memory of a scheduler that was just attached. Resolves when it is; rejects when it cannot be. */
  rebind(watched: readonly WatchedPlace[]): Promise<void> {
    this.#rebinding = this.#rebinding.then(() => this.#replace(watched));
    return this.#rebinding;
  }

  async finish(): Promise<{ samples: MonitorSample[]; dropped: bigint }> {
    clearInterval(this.#timer);
    clearInterval(this.#slowTimer);
    this.#isOver = true;
    await this.#rebinding;
    await this.#end();
    return { samples: this.#samples, dropped: this.#dropped };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    clearInterval(this.#timer);
    clearInterval(this.#slowTimer);
    this.#isOver = true;
    await this.#rebinding.catch(() => undefined);
    await this.#current?.sampler[Symbol.asyncDispose]();
    this.#monitor[Symbol.dispose]();
  }

  async #replace(watched: readonly WatchedPlace[]): Promise<void> {
    if (this.#isOver) return;
    await this.#end();
    this.#current = this.#begin(watched);
  }

  #begin(watched: readonly WatchedPlace[]): Sampling {
    const { periodMs, cpuCount, vcpuThreads } = this.#options;
    const threadsEvery = Math.ceil(THREADS_MS / periodMs);
    const plan = schedulerPlan(this.#kernel, { cpuCount, vcpuThreads, threadsEvery, watched });
    const encoded = encodePlan(plan.plan);
    const { bytes, recordBytes } = encoded;
    const sampler = this.#monitor.sample({ bytes, recordBytes }, { periodMs, capacity: Math.ceil(ROOM_MS / periodMs) });
    sampler.onHalfFull(() => this.#drain());
    return { sampler, plan, encoded, dropped: 0n };
  }

  async #end(): Promise<void> {
    const current = this.#current;
    if (current === null) return;
    await current.sampler.stop(STOP_DEADLINE_MS);
    this.#drain();
    this.#cpuNs += BigInt(current.sampler.info().cpu_ns);
    this.#dropped += current.dropped;
    this.#current = null;
    await current.sampler[Symbol.asyncDispose]();
  }

  #drain(): void {
    const current = this.#current;
    if (current === null) return;
    const fresh = current.sampler.drain().map((bytes) => {
      const record = decodeRecord(current.encoded, bytes);
      current.dropped = record.dropped;
      return this.#merge.apply(current.plan.toSample(record));
    });
    for (const sample of fresh) this.#samples.push(sample);
    if (fresh.length > 0) this.#options.onSamples?.(fresh);
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
