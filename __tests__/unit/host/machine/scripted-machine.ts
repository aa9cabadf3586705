import type { GuestStream, Machine, MachineExit } from '../../../../src/host/machine/machine';

/** One line of a machine that a test writes to. */
class ScriptedStream implements GuestStream {
  readonly #listeners: ((chunk: Buffer) => void)[] = [];
  #bytes = Buffer.alloc(0);

  write(bytes: Buffer | string): void {
    const chunk = Buffer.from(bytes);
    this.#bytes = Buffer.concat([this.#bytes, chunk]);
    for (const listener of this.#listeners) listener(chunk);
  }

  onData(listener: (chunk: Buffer) => void): void {
    this.#listeners.push(listener);
    if (this.#bytes.length > 0) listener(this.#bytes);
  }

  text(): string {
    return this.#bytes.toString('latin1');
  }
}

/** A machine without a guest: the test plays the guest and says how it ends. */
export class ScriptedMachine implements Machine {
  readonly kind = 'emulated';
  readonly ram = [];
  readonly vcpuThreads = [];

  registers(): Promise<[]> {
    return Promise.resolve([]);
  }

  readonly memory = { sizeBytes: 0, ranges: [], read: () => Buffer.alloc(0), write: () => undefined };
  readonly console = new ScriptedStream();
  readonly early = new ScriptedStream();
  readonly port = new ScriptedStream();
  readonly peakMemoryKib = 0;
  readonly exited: Promise<MachineExit>;
  stops = 0;
  #settle: (exit: MachineExit) => void = () => undefined;

  constructor() {
    this.exited = new Promise((resolve) => {
      this.#settle = resolve;
    });
  }

  end(exit: MachineExit): void {
    this.#settle(exit);
  }

  stop(): Promise<void> {
    this.stops += 1;
    this.end({ kind: 'killed', signal: 'SIGKILL' });
    return Promise.resolve();
  }

  pause = (): Promise<void> => Promise.resolve();
  resume = (): Promise<void> => Promise.resolve();
  [Symbol.asyncDispose] = (): Promise<void> => this.stop();
}
