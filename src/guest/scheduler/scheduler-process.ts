import { spawn, type ChildProcess } from 'node:child_process';
import type { Readable } from 'node:stream';

import { GUEST_PATHS } from '../../spec/declare/run-request';
import type { SchedulerProgram } from '../../spec/scheduler/scheduler-data';
import { schedExtEvent } from '../../verdict/console/sched-ext-lines';
import { judgeEnd } from '../../verdict/scheduler/judge-end';
import type { ProcessExit, SchedulerRun, SchedulerStop } from '../../verdict/scheduler/scheduler-run';
import { kernelVerdict } from '../../verdict/scheduler/kernel-verdict';
import { scaledMs } from '../../spec/time-scale';
import { BoundedText } from './bounded-text';
import type { KernelLog } from './kernel-log';
import { attachedOps, detached, forceDetach, takeDump } from './sched-ext';
import { settled } from './settled';
import { startCommand, WATCHDOG_FD, WatchdogReport } from './watchdog';

/** A scheduler that is told to end has this long; then the kernel takes it off and the process is killed. Guest time. */
const STOP_MS = scaledMs(2_000);
/** Process and kernel tell of an end within milliseconds of each other. Chosen: what is left of a second is for the report. */
const SECOND_SIGN_MS = scaledMs(400);

/** One run of a scheduler's program, from its start to its end. */
export class SchedulerProcess {
  /** Resolves at the first sign that it has ended or is off, from the process or from the kernel. */
  readonly gone: Promise<void>;
  /** True once it is attached; false when it has ended or its time is up before that. */
  readonly attached: Promise<boolean>;
  /** Null when the scheduler's own limit of the watchdog holds. */
  readonly watchdog: WatchdogReport | null = null;
  readonly #program: SchedulerProgram;
  readonly #child: ChildProcess;
  readonly #stdout = new BoundedText();
  readonly #stderr = new BoundedText();
  readonly #kernelLines: string[] = [];
  readonly #closed: Promise<void>;
  readonly #startedAtNs = nowNs();
  readonly #unlisten: () => void;
  #ops: string | null = null;
  #attachedAtNs: number | null = null;
  #endedAtNs: number | null = null;
  #isOff = false;
  #exit: ProcessExit | null = null;
  #spawnError: string | null = null;
  #stop: SchedulerStop | null = null;
  #dump: string[] = [];
  #finished: Promise<SchedulerRun> | undefined;
  #tellGone: () => void = () => undefined;
  #tellAttached: (isAttached: boolean) => void = () => undefined;
  #tellOff: () => void = () => undefined;
  readonly #off: Promise<void>;

  constructor(program: SchedulerProgram, log: KernelLog) {
    this.#program = program;
    this.gone = new Promise((resolve) => (this.#tellGone = resolve));
    this.attached = new Promise((resolve) => (this.#tellAttached = resolve));
    this.#off = new Promise((resolve) => (this.#tellOff = resolve));
    this.#unlisten = log.onRecord(({ text }) => this.#takeKernelLine(text));
    const [command, args] = startCommand(this.#argv()[0] ?? '', program);
    const report = program.watchdogTimeoutMs === null ? [] : (['pipe'] as const);
    this.#child = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe', ...report] });
    const { watchdogTimeoutMs: limitMs } = program;
    if (limitMs !== null) this.watchdog = new WatchdogReport(limitMs, this.#child.stdio[WATCHDOG_FD] as Readable);
    this.#child.stdout?.on('data', (chunk: Buffer) => this.#stdout.append(chunk.toString()));
    this.#child.stderr?.on('data', (chunk: Buffer) => this.#stderr.append(chunk.toString()));
    this.#closed = this.#followChild();
    const timer = setTimeout(() => this.#tellAttached(false), scaledMs(program.attachTimeoutMs));
    void this.attached.then(() => clearTimeout(timer));
  }

  get name(): string {
    return this.#program.name;
  }

  /** What is known so far; final once `finish` has resolved. */
  get run(): SchedulerRun {
    const isOver = this.#endedAtNs !== null;
    const kernel = kernelVerdict(this.#kernelLines);
    const stderr = this.#stderr.toString();
    const judgement = isOver
      ? judgeEnd({
          isAttached: this.#attachedAtNs !== null,
          stop: this.#stop,
          exit: this.#exit,
          spawnError: this.#spawnError,
          kernel,
          stderr,
          attachTimeoutMs: scaledMs(this.#program.attachTimeoutMs),
        })
      : { outcome: 'running' as const, message: 'is running' };
    return {
      ...judgement,
      name: this.name,
      argv: this.#argv(),
      ops: this.#ops,
      watchdog: this.watchdog?.limit ?? null,
      startedAtNs: this.#startedAtNs,
      attachedAtNs: this.#attachedAtNs,
      endedAtNs: this.#endedAtNs,
      stop: this.#stop,
      exit: this.#exit,
      kernel,
      stdout: this.#stdout.toString(),
      stderr,
      kernelLines: this.#kernelLines,
      dump: this.#dump,
    };
  }

  /** Ends it, if it has not ended by itself, and resolves with its whole run, at the latest after 5 s. May be called more than once. */
  finish(why: SchedulerStop): Promise<SchedulerRun> {
    const isOver = this.#exit !== null || this.#spawnError !== null || this.#isOff;
    if (!isOver) this.#stop ??= why;
    this.#finished ??= this.#end();
    return this.#finished;
  }

  async #end(): Promise<SchedulerRun> {
    // A scheduler that the kernel has switched off reports what happened when it is told to go.
    this.#child.kill('SIGTERM');
    const isStopped = this.#stop !== null;
    if (!(await settled(this.#closed, isStopped ? STOP_MS : SECOND_SIGN_MS))) {
      if (!this.#isOff) forceDetach();
      this.#child.kill('SIGKILL');
      await settled(this.#closed, STOP_MS);
    }
    // The kernel's word on a process that was first to go is only just being said.
    if (this.#attachedAtNs !== null) await settled(this.#off, SECOND_SIGN_MS);
    await detached(STOP_MS);
    this.#unlisten();
    this.#dump = takeDump();
    this.#endedAtNs = nowNs();
    return this.run;
  }

  #argv(): string[] {
    return [`${GUEST_PATHS.schedulers}/${this.name}`, ...this.#program.args];
  }

  #followChild(): Promise<void> {
    return new Promise((resolve) => {
      const leave = (): void => {
        this.#tellAttached(false);
        this.#tellGone();
      };
      this.#child.on('error', (error) => {
        this.#spawnError ??= error.message;
        leave();
        resolve();
      });
      this.#child.on('exit', (code, signal) => {
        this.#exit = { code, signal };
        leave();
      });
      this.#child.on('close', () => resolve());
    });
  }

  #takeKernelLine(text: string): void {
    // The lines of a stack are indented and follow what they belong to.
    const isStack = /^\s/.test(text) && this.#kernelLines.length > 0;
    if (!text.startsWith('sched_ext:') && !isStack) return;
    this.#kernelLines.push(text);
    const said = schedExtEvent(text);
    if (said?.event === 'enabled') {
      this.#attachedAtNs = nowNs();
      this.#ops = attachedOps() ?? said.ops;
      this.#tellAttached(true);
    }
    if (said?.event === 'disabled') {
      this.#isOff = true;
      this.#tellOff();
      this.#tellAttached(false);
      this.#tellGone();
    }
  }
}

function nowNs(): number {
  return Number(process.hrtime.bigint());
}
