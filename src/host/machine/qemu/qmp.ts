import type { Duplex } from 'node:stream';

import { HarnessError } from '../../../errors';
import { scaledMs } from '../../../spec/time-scale';

const REPLY_DEADLINE_MS = scaledMs(10_000);

interface Pending {
  resolve(value: unknown): void;
  reject(error: Error): void;
  timer: NodeJS.Timeout;
}

export interface QmpEvent {
  event: string;
  data?: Record<string, unknown>;
}

/** Client of QEMU's machine protocol: one JSON object per line, replies in the order of the commands. */
export class Qmp {
  readonly #socket: Duplex;
  readonly #pending: Pending[] = [];
  readonly #onEvent: (event: QmpEvent) => void;
  #text = '';
  #closed = false;

  constructor(socket: Duplex, onEvent: (event: QmpEvent) => void) {
    this.#socket = socket;
    this.#onEvent = onEvent;
    socket.setEncoding('utf8');
    socket.on('data', (text: string) => this.#feed(text));
    // QEMU's exit closes the line; what that means is told by the process, not here.
    socket.on('error', () => this.#close());
    socket.on('close', () => this.#close());
  }

  /** @throws {HarnessError} `qmp` when QEMU refuses, is gone, or does not answer within 10 s */
  execute(command: string, args?: Record<string, unknown>): Promise<unknown> {
    return new Promise((resolve, reject) => {
      if (this.#closed) return reject(new HarnessError('qmp', { command, reason: 'QEMU is gone' }));
      const timer = setTimeout(
        () => reject(new HarnessError('qmp', { command, reason: `no answer within ${REPLY_DEADLINE_MS} ms` })),
        REPLY_DEADLINE_MS,
      );
      const refuse = (reason: Error): void => reject(new HarnessError('qmp', { command, reason: reason.message }));
      this.#pending.push({ resolve, reject: refuse, timer });
      this.#socket.write(`${JSON.stringify({ execute: command, ...(args && { arguments: args }) })}\n`);
    });
  }

  #feed(text: string): void {
    const lines = (this.#text + text).split('\n');
    this.#text = lines.pop() ?? '';
    for (const line of lines) if (line.trim() !== '') this.#take(JSON.parse(line) as Record<string, unknown>);
  }

  #take(object: Record<string, unknown>): void {
    if (typeof object['event'] === 'string') return this.#onEvent(object as unknown as QmpEvent);
    if (!('return' in object) && !('error' in object)) return;
    const pending = this.#pending.shift();
    if (!pending) return;
    clearTimeout(pending.timer);
    if ('return' in object) pending.resolve(object['return']);
    else pending.reject(new Error(String((object['error'] as { desc?: string }).desc)));
  }

  #close(): void {
    this.#closed = true;
    for (const pending of this.#pending.splice(0)) {
      clearTimeout(pending.timer);
      pending.reject(new Error('QEMU is gone'));
    }
  }
}
