import { spawn, spawnSync, type ChildProcessWithoutNullStreams } from 'node:child_process';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

import { nativeProgram, packageRoot } from '../src/package-root';

/** Debian's own, which has Debian's packages; another one may come first in PATH. */
const PYTHON = '/usr/bin/python3';
const READER = 'bench/drgn-reader.py';
const DEADLINE_MS = 60_000;

/** What is read of each run queue. */
export interface RunQueueValues {
  nrRunning: number;
  clockNs: bigint;
  /** Of the current task. */
  pid: number;
}

export interface DrgnOrders {
  /** Path of a core file. */
  core: string;
  /** Addresses of the run queues. */
  queues: readonly bigint[];
  /** Of the members of `struct rq`, and of `pid` in `struct task_struct`. */
  offsets: { nr_running: number; clock: number; curr: number; pid: number };
}

export interface DrgnPasses {
  /** At addresses, or through objects that have types. */
  reader: 'raw' | 'objects';
  passes: number;
  /** Before each pass, which is not counted. */
  pauseMs: number;
}

/** python3-drgn with a core file open. To be disposed of. */
export class PeerDrgn implements AsyncDisposable {
  readonly #child: ChildProcessWithoutNullStreams;
  readonly #lines: AsyncIterator<string>;
  readonly #closed: Promise<void>;
  #said = '';

  /** @throws {Error} when drgn does not take the file */
  static async start({ core, queues, offsets }: DrgnOrders): Promise<PeerDrgn> {
    const peer = new PeerDrgn();
    await peer.#ask(
      `{"core": ${JSON.stringify(core)}, "queues": [${queues.join()}], "offsets": ${JSON.stringify(offsets)}}`,
    );
    return peer;
  }

  private constructor() {
    this.#child = spawn(nativeProgram('host/tether'), [String(process.pid), PYTHON, join(packageRoot(), READER)]);
    this.#lines = createInterface({ input: this.#child.stdout })[Symbol.asyncIterator]();
    this.#child.stderr.on('data', (chunk: Buffer) => (this.#said += chunk.toString()));
    this.#closed = new Promise((resolve) => this.#child.once('close', () => resolve()));
  }

  /** Reads all queues that often. @throws {Error} when drgn cannot */
  async read(passes: DrgnPasses): Promise<{ ns: number; values: RunQueueValues[] }> {
    const { ns, values } = (await this.#ask(JSON.stringify(passes))) as Answer;
    return { ns, values: values.map(([nrRunning, clock, pid]) => ({ nrRunning, clockNs: BigInt(clock), pid })) };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#child.kill('SIGKILL');
    await this.#closed;
  }

  async #ask(line: string): Promise<unknown> {
    const timer = setTimeout(() => this.#child.kill('SIGKILL'), DEADLINE_MS);
    try {
      this.#child.stdin.write(`${line}\n`);
      const { value, done } = await this.#lines.next();
      if (done !== true) return JSON.parse(value);
      await this.#closed;
      throw new Error(`drgn ended: ${this.#said}`);
    } finally {
      clearTimeout(timer);
    }
  }
}

interface Answer {
  ns: number;
  values: [nrRunning: number, clock: string, pid: number][];
}

/** @throws {Error} when there is none */
export function drgnVersion(): string {
  const { status, stdout } = spawnSync(PYTHON, ['-c', 'import drgn; print(drgn.__version__)'], { encoding: 'utf8' });
  if (status === 0) return stdout.trim();
  throw new Error(`the peer drgn is missing: ${PYTHON} cannot import it (Debian's package is python3-drgn)`);
}
