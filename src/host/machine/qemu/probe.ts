import { ftruncateSync, writeSync } from 'node:fs';
import { constants } from 'node:os';
import type { Duplex } from 'node:stream';

import { HarnessError } from '../../../errors';
import type { RamRange } from '../../native/address-space';
import { MONITOR_STRUCTURES, PROBE_EVENT_KIND } from '../../native/monitor-layout';
import { encodeProbeOrders, type ProbeOrders } from '../../native/probe-orders';
import { structureCodec } from '../../native/structure-codec';
import { AnonymousFile } from '../anonymous-file';
import type { FileStream } from '../file-stream';

const EVENT = structureCodec(MONITOR_STRUCTURES.probe_event);
const { ENODATA, ETIMEDOUT } = constants.errno;
const WAIT = { phase: 'probe', call: 'stopped' };
const ERROR = structureCodec(MONITOR_STRUCTURES.monitor_error);

/** The plugin of ours in a QEMU process. While it is stopped the guest stands in front of the instruction and does not know it. */
export class Probe implements Disposable {
  /** What it writes down: `decodeProbeOutput`. */
  readonly output: FileStream;
  readonly #ordersFile: AnonymousFile;
  readonly #ranges: readonly RamRange[];
  #control: Duplex | undefined;
  #received = Buffer.alloc(0);
  #ended: HarnessError | undefined;
  /** Stops and failures that nobody has asked for yet, and those who wait for the next. */
  readonly #stops: (bigint | HarnessError)[] = [];
  readonly #waiters: ((stop: bigint | HarnessError) => void)[] = [];

  /** @param ranges RAM by descriptors of QEMU's process */
  constructor(orders: ProbeOrders, ranges: readonly RamRange[], output: FileStream) {
    this.output = output;
    this.#ranges = ranges;
    const bytes = encodeProbeOrders(orders, ranges);
    this.#ordersFile = new AnonymousFile(bytes.length);
    ftruncateSync(this.#ordersFile.fd, bytes.length);
    writeSync(this.#ordersFile.fd, bytes, 0, bytes.length, 0);
  }

  get ordersFd(): number {
    return this.#ordersFile.fd;
  }

  /** Called once, with the socket that QEMU was given. */
  attach(control: Duplex): void {
    this.#control = control;
    control.on('data', (chunk: Buffer) => this.#receive(chunk));
    control.on('error', () => undefined);
    control.on('close', () => this.#end());
  }

  /**
   * Resolves with the hit at which the machine stands: at the next stop, or the one that was not asked for yet.
   *
   * @throws {HarnessError} `monitor` when the probe cannot do as it was told, when the machine ends first, or when no stop comes in time
   */
  async stopped(deadlineMs: number): Promise<bigint> {
    const stop = this.#stops.shift() ?? this.#ended ?? (await this.#nextStop(deadlineMs));
    if (typeof stop !== 'bigint') throw stop;
    return stop;
  }

  /** Lets a machine that is stopped go on, with new orders if any are given. Virtual time has stood still. */
  go(orders?: ProbeOrders): void {
    const bytes = orders === undefined ? Buffer.alloc(0) : encodeProbeOrders(orders, this.#ranges);
    const length = Buffer.alloc(4);
    length.writeUInt32LE(bytes.length);
    this.#control?.write(Buffer.concat([length, bytes]));
  }

  [Symbol.dispose](): void {
    this.output[Symbol.dispose]();
    this.#ordersFile[Symbol.dispose]();
  }

  #nextStop(deadlineMs: number): Promise<bigint | HarnessError> {
    return new Promise((resolve) => {
      const timer = setTimeout(() => {
        this.#waiters.splice(this.#waiters.indexOf(settle), 1);
        resolve(new HarnessError('monitor', { ...WAIT, code: ETIMEDOUT, detail: `no stop within ${deadlineMs} ms` }));
      }, deadlineMs);
      const settle = (stop: bigint | HarnessError): void => {
        clearTimeout(timer);
        resolve(stop);
      };
      this.#waiters.push(settle);
    });
  }

  #receive(chunk: Buffer): void {
    this.#received = Buffer.concat([this.#received, chunk]);
    while (this.#received.length >= EVENT.bytes) {
      const { kind, bytes, hit } = EVENT.decode(this.#received, 0);
      const end = EVENT.bytes + bytes;
      if (this.#received.length < end) return;
      const payload = this.#received.subarray(EVENT.bytes, end);
      this.#tell(kind === PROBE_EVENT_KIND.stopped ? hit : new HarnessError('monitor', ERROR.decode(payload, 0)));
      this.#received = this.#received.subarray(end);
    }
  }

  #end(): void {
    this.#ended = new HarnessError('monitor', { ...WAIT, code: ENODATA, detail: 'the machine has ended' });
    for (const waiter of this.#waiters.splice(0)) waiter(this.#ended);
  }

  #tell(stop: bigint | HarnessError): void {
    const waiter = this.#waiters.shift();
    if (waiter === undefined) this.#stops.push(stop);
    else waiter(stop);
  }
}
