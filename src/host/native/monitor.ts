import { HarnessError } from '../../errors';
import { encodeRanges, encodeWindows, type AddressSpace, type RamRange } from './address-space';
import type { MonitorErrorRecord } from './monitor-layout';
import { monitorLibrary, type MonitorLibrary } from './monitor-library';
import { NativeSampler, type SamplingOptions } from './monitor-sampler';

/** A plan as bytes, made by `encodePlan`. */
export interface PlanBytes {
  bytes: Buffer;
  recordBytes: number;
}

/** A guest's memory by the kernel's own addresses, at the speed of C. To be disposed of; its samplers live on until they are, too. */
export class NativeMonitor implements Disposable {
  readonly #library: MonitorLibrary;
  #handle: bigint | undefined;

  /** Ranges ascend. @throws {HarnessError} `monitor` */
  static async create(ranges: readonly RamRange[], space: AddressSpace): Promise<NativeMonitor> {
    const library = await monitorLibrary();
    const made: [bigint | null] = [null];
    const error = {} as MonitorErrorRecord;
    const config = {
      root_gpa: space.rootGpa,
      levels: space.levels,
      tlb_ms: space.tlbMs,
      range_count: ranges.length,
      window_count: space.windows.length,
    };
    const status = library.create(config, encodeRanges(ranges), encodeWindows(space), made, error);
    if (status !== 0 || made[0] === null) throw monitorError(error);
    return new NativeMonitor(library, made[0]);
  }

  private constructor(library: MonitorLibrary, handle: bigint) {
    this.#library = library;
    this.#handle = handle;
  }

  /** Memory at a kernel address. @throws {HarnessError} `guest-memory` when a part of it is not mapped or not RAM */
  read(kva: bigint, length: number): Buffer {
    const out = Buffer.alloc(length);
    if (this.#library.read(this.#open(), kva, out, length) === 0) return out;
    throw unreadable('read', kva, `${length} bytes are not all mapped to RAM`);
  }

  /** Memory at a guest-physical address. @throws {HarnessError} `guest-memory` when a part of it is not RAM */
  readPhysical(gpa: bigint, length: number): Buffer {
    const out = Buffer.alloc(length);
    if (this.#library.readPhysical(this.#open(), gpa, out, length) === 0) return out;
    throw unreadable('read', gpa, `${length} bytes from this guest-physical address on are not all RAM`);
  }

  /** The guest-physical address behind a kernel address, RAM or not; undefined when it is not mapped. */
  translate(kva: bigint): bigint | undefined {
    const gpa: [number | bigint] = [0];
    return this.#library.translate(this.#open(), kva, gpa) === 0 ? BigInt(gpa[0]) : undefined;
  }

  /** Executes a plan once and gives its record. @throws {HarnessError} `monitor` */
  execute(plan: PlanBytes): Buffer {
    const record = Buffer.alloc(plan.recordBytes);
    const error = {} as MonitorErrorRecord;
    const status = this.#library.execute(
      this.#open(),
      ...[plan.bytes, plan.bytes.length],
      ...[record, record.length],
      error,
    );
    if (status !== 0) throw monitorError(error);
    return record;
  }

  /** Executes a plan at a period, on a thread of its own. @throws {HarnessError} `monitor` */
  sample(plan: PlanBytes, { periodMs, capacity }: SamplingOptions): NativeSampler {
    const made: [bigint | null] = [null];
    const error = {} as MonitorErrorRecord;
    const status = this.#library.samplerStart(
      this.#open(),
      ...[plan.bytes, plan.bytes.length],
      ...[periodMs, capacity],
      ...[made, error],
    );
    if (status !== 0 || made[0] === null) throw monitorError(error);
    return new NativeSampler(this.#library, made[0]);
  }

  [Symbol.dispose](): void {
    if (this.#handle !== undefined) this.#library.destroy(this.#handle);
    this.#handle = undefined;
  }

  #open(): bigint {
    if (this.#handle === undefined) throw new TypeError('use a monitor: it is disposed of');
    return this.#handle;
  }
}

function monitorError({ code, phase, call, detail }: MonitorErrorRecord): HarnessError {
  return new HarnessError('monitor', { code, phase, call, detail });
}

function unreadable(action: string, address: bigint, problem: string): HarnessError {
  return new HarnessError('guest-memory', { action, address: `0x${address.toString(16)}`, problem });
}
