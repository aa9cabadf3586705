import { HarnessError } from '../../errors';
import { followPipe } from './follow-pipe';
import { callAsync, type NativeFunction } from './open-library';
import {
  VMM_ANY_CPU,
  VMM_ENDS,
  VMM_MACHINE,
  type VmmConfig,
  type VmmEnd,
  type VmmErrorRecord,
  type VmmInfo,
  type VmmNode,
  type VmmRange,
  type VmmRegisters,
} from './vmm-layout';
import { vmmLibrary, type VmmLibrary } from './vmm-library';

/** Address of a machine in the library. */
type Handle = bigint;

/** How a machine of the library ended. */
export interface VmmOutcome {
  end: VmmEnd;
  vcpu: number;
  reason: number;
  detail: string;
}

/** A debug register of all vcpus that watches writes to so many bytes at a virtual address. */
export interface WatchPoint {
  slot: 0 | 1 | 2 | 3;
  address: bigint;
  bytes: 1 | 2 | 4 | 8;
  /** Whether a hit pauses the machine. */
  pauses: boolean;
}

/** Where and how the thread of a vcpu runs. */
export interface Placement {
  hostCpu?: number;
  /** Priority of SCHED_FIFO, 1 to 99. */
  fifoPriority?: number;
}

/** A machine of native/vmm. To be destroyed by whoever made it; every other call on a destroyed one is refused. */
export class Vmm {
  /** Resolves when the last vcpu has left the guest. Never rejects. */
  readonly ended: Promise<VmmOutcome>;
  readonly #library: VmmLibrary;
  #handle: Handle | undefined;
  #busy: Promise<unknown> = Promise.resolve();
  #outcome: VmmOutcome | undefined;

  /** A machine with its memory filled; `start` lets it run. @throws {HarnessError} `vmm` */
  static async create(config: VmmConfig, cmdline: string, nodes: readonly VmmNode[] = []): Promise<Vmm> {
    const library = await vmmLibrary();
    const made: [Handle | null] = [null];
    const error = {} as VmmErrorRecord;
    const status = (await callAsync(library.create, [
      { ...config, nodes: nodes.length },
      nodes,
      cmdline,
      made,
      error,
    ])) as number;
    if (status !== 0 || made[0] === null) throw vmmError(error);
    return new Vmm(library, made[0]);
  }

  private constructor(library: VmmLibrary, handle: Handle) {
    this.#library = library;
    this.#handle = handle;
    this.ended = followPipe(this.info().done_fd).then(() => this.#take());
  }

  /** For a vcpu, before the start, which fails where the host does not allow it. @throws {HarnessError} `vmm` */
  place(vcpu: number, { hostCpu = VMM_ANY_CPU, fifoPriority = 0 }: Placement): void {
    this.#call(this.#library.place, [vcpu, hostCpu, fifoPriority]);
  }

  /** @throws {HarnessError} `vmm` */
  start(): void {
    this.#call(this.#library.start, []);
  }

  /** Resolves when no vcpu is in the guest. @throws {HarnessError} `vmm` when one does not leave it in time */
  async pause(deadlineMs: number): Promise<void> {
    const handle = this.#open();
    const error = {} as VmmErrorRecord;
    const call = callAsync(this.#library.pause, [handle, deadlineMs, error]);
    this.#busy = Promise.allSettled([this.#busy, call]);
    if ((await call) !== 0) throw vmmError(error);
  }

  resume(): void {
    this.#library.resume(this.#open());
  }

  /** Ends the machine soon; does nothing when it has ended. */
  stop(): void {
    if (this.#handle !== undefined) this.#library.stop(this.#handle);
  }

  info(): VmmInfo {
    const info = {} as VmmInfo;
    this.#library.info(this.#open(), info);
    return info;
  }

  /** Registers of a vcpu of a paused or ended machine. @throws {HarnessError} `vmm` */
  registers(vcpu: number): VmmRegisters {
    const registers = {} as VmmRegisters;
    this.#call(this.#library.registers, [vcpu, registers]);
    return registers;
  }

  /** Fills the buffer from guest-physical memory; false when a part of it is not RAM. */
  read(gpa: number, out: Buffer): boolean {
    return this.#library.read(this.#open(), gpa, out, out.length) === 0;
  }

  /** Writes the buffer to guest-physical memory; false, with nothing written, when a part of it is not RAM. */
  write(gpa: number, data: Buffer): boolean {
    return this.#library.write(this.#open(), gpa, data, data.length) === 0;
  }

  /** Where RAM is: for the guest, in this process until the machine is destroyed, and in its file. */
  ranges(): VmmRange[] {
    const ranges: VmmRange[] = [];
    for (;;) {
      const range = {} as VmmRange;
      if (this.#library.rangeAt(this.#open(), ranges.length, range) !== 0) return ranges;
      ranges.push(range);
    }
  }

  /** Thread of a vcpu, for /proc/self/task; 0 when it does not run. */
  threadId(vcpu: number): number {
    return this.#library.thread(this.#open(), vcpu) as number;
  }

  /** A descriptor of KVM's statistics, the caller's to close; of a vcpu while the machine does not run. @throws {HarnessError} `vmm` */
  statsFd(vcpu: number = VMM_MACHINE): number {
    const error = {} as VmmErrorRecord;
    const fd = this.#library.stats(this.#open(), vcpu, error) as number;
    if (fd < 0) throw vmmError(error);
    return fd;
  }

  /** While the machine does not run. Hits come by `hits_fd`: see decodeHits(). @throws {HarnessError} `vmm` */
  watch({ slot, address, bytes, pauses }: WatchPoint): void {
    this.#call(this.#library.watch, [slot, address, bytes, Number(pauses)]);
  }

  /** While the machine does not run. @throws {HarnessError} `vmm` */
  unwatch(slot: WatchPoint['slot']): void {
    this.#call(this.#library.watch, [slot, 0, 0, 0]);
  }

  /** Ends the machine, waits for its threads and gives all back. */
  async destroy(): Promise<void> {
    const handle = this.#handle;
    if (handle === undefined) return;
    this.#library.stop(handle);
    await this.ended;
    this.#handle = undefined;
    await this.#busy;
    await callAsync(this.#library.destroy, [handle]);
  }

  #open(): Handle {
    if (this.#handle === undefined) throw new TypeError('use a KVM machine: it is destroyed');
    return this.#handle;
  }

  #call(call: NativeFunction, parameters: readonly unknown[]): void {
    const error = {} as VmmErrorRecord;
    if (call(this.#open(), ...parameters, error) !== 0) throw vmmError(error);
  }

  #take(): VmmOutcome {
    if (this.#outcome === undefined) {
      const { end, vcpu, reason, detail } = this.info();
      this.#outcome = { end: VMM_ENDS[end] ?? 'broken', vcpu, reason, detail };
    }
    return this.#outcome;
  }
}

function vmmError({ code, phase, call, detail }: VmmErrorRecord): HarnessError {
  return new HarnessError('vmm', { code, phase, call, detail });
}
