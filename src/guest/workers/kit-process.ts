import { spawn, type ChildProcessByStdio } from 'node:child_process';
import { once } from 'node:events';
import type { Readable, Writable } from 'node:stream';

import { HarnessError } from '../../errors';
import { scaledMs } from '../../spec/time-scale';
import { Waits } from '../waits';
import { readKitOutput, type KitEvent } from './kit-output';

/** What an event is to the command that waits: its whole answer, a part of it, or nothing it can have caused. */
export type Answer<T> = { value: T } | 'part' | 'foreign';

interface PendingCommand {
  command: string;
  deadline: NodeJS.Timeout;
  /** Returns false for an event that is no answer to it. */
  accept: (event: KitEvent) => boolean;
  reject: (error: HarnessError) => void;
}

/** What a conversation is held with. */
export interface KitSettings {
  /** Is told of the answers that are waited for. */
  waits: Waits;
  /** For each answer, and for the end. */
  deadlineMs: number;
}

type KitChild = ChildProcessByStdio<Writable, Readable, null>;
export type KitDeath = Extract<KitEvent, { kind: 'died' }>;

/** Chosen: above the 5 s for stopping and 5 s for killing that a kit may take in a guest under load. */
const DEADLINE_MS = scaledMs(15_000);

/**
 * The conversation with one kit: commands are answered in the order they were sent. A kit that failed once, by a wrong answer, by
 * none in time or by its end, fails every later command with the same error.
 */
export class KitProcess implements AsyncDisposable {
  /** Rejects as soon as the kit has failed, whether anybody waits for an answer or not; never resolves. */
  readonly failed: Promise<never>;
  readonly #child: KitChild;
  readonly #deadlineMs: number;
  readonly #waits: Waits;
  readonly #closed: Promise<unknown>;
  readonly #deathListeners: ((death: KitDeath) => void)[] = [];
  #pending: PendingCommand[] = [];
  #lastSeen = 'nothing';
  #failure: HarnessError | undefined;
  #tellFailed: (error: HarnessError) => void = () => undefined;

  private constructor(child: KitChild, { waits, deadlineMs }: KitSettings) {
    this.failed = new Promise((_, reject) => {
      this.#tellFailed = reject;
    });
    this.failed.catch(() => undefined);
    this.#deadlineMs = deadlineMs;
    this.#waits = waits;
    this.#child = child;
    this.#closed = new Promise((resolve) => child.on('close', resolve));
    child.stdout.on(
      'data',
      readKitOutput((event) => this.#receive(event)),
    );
    // Writing to a kit that is gone fails before its end is known; the end is what is reported.
    child.stdin.on('error', () => undefined);
    child.on('close', (code, signal) => {
      const how = signal === null ? `exited with code ${code}` : `was ended by ${signal}`;
      this.#fail(
        new HarnessError('worker-kit-gone', { waitingFor: this.#waitingFor(), how, lastSeen: this.#lastSeen }),
      );
    });
  }

  /** @throws {HarnessError} `worker-kit-launch` */
  static async launch(program: string, settings: Partial<KitSettings> = {}): Promise<KitProcess> {
    const child = spawn(program, [], { stdio: ['pipe', 'pipe', 'inherit'] });
    try {
      await once(child, 'spawn');
    } catch (cause) {
      throw new HarnessError('worker-kit-launch', { program, reason: String(cause) }, { cause });
    }
    return new KitProcess(child, { waits: new Waits(), deadlineMs: DEADLINE_MS, ...settings });
  }

  onDied(listener: (death: KitDeath) => void): void {
    this.#deathListeners.push(listener);
  }

  /** Sends a command that is answered only when it fails. */
  tell(command: string): void {
    this.#child.stdin.write(`${command}\n`);
  }

  /** @throws {HarnessError} `worker-kit-error`, `worker-kit-garbled`, `worker-kit-gone`, `worker-kit-silent` */
  ask<T>(command: string, judge: (event: KitEvent) => Answer<T>): Promise<T> {
    if (this.#failure) return Promise.reject(this.#failure);
    this.tell(command);
    const answered = new Promise<T>((resolve, reject) => {
      const accept = (event: KitEvent): boolean => {
        const answer = judge(event);
        if (typeof answer === 'string') return answer === 'part';
        clearTimeout(deadline);
        this.#pending.shift();
        resolve(answer.value);
        return true;
      };
      const deadline = setTimeout(() => {
        const fields = { waitingFor: command, limitMs: this.#deadlineMs, lastSeen: this.#lastSeen };
        this.#fail(new HarnessError('worker-kit-silent', fields));
      }, this.#deadlineMs);
      this.#pending.push({ command, deadline, accept, reject });
    });
    return this.#waits.during(`the worker kit to answer "${command}"`, answered);
  }

  /** Ends the kit, which ends its workers. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#child.stdin.end();
    const deadline = setTimeout(() => this.#child.kill('SIGKILL'), this.#deadlineMs);
    await this.#waits.during('the worker kit to end its workers and itself', this.#closed);
    clearTimeout(deadline);
  }

  #receive(event: KitEvent): void {
    this.#lastSeen = event.kind === 'garbled' ? `"${event.line}"` : event.kind;
    if (event.kind === 'died') return this.#deathListeners.forEach((listener) => listener(event));
    if (event.kind === 'error') {
      const { what, errno, text } = event;
      return this.#fail(new HarnessError('worker-kit-error', { waitingFor: this.#waitingFor(), what, errno, text }));
    }
    if (this.#pending[0]?.accept(event) !== true) {
      const fields = { waitingFor: this.#waitingFor(), got: this.#lastSeen };
      this.#fail(new HarnessError('worker-kit-garbled', fields));
    }
  }

  #waitingFor(): string {
    return this.#pending[0]?.command ?? 'nothing';
  }

  #fail(error: HarnessError): void {
    this.#failure ??= error;
    this.#tellFailed(this.#failure);
    for (const { deadline, reject } of this.#pending.splice(0)) {
      clearTimeout(deadline);
      reject(this.#failure);
    }
  }
}
