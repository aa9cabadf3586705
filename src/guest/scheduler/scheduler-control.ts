import { HarnessError } from '../../errors';
import type { SchedulerHandle } from '../../spec/declare/ctx';
import type { Scheduler } from '../../spec/scheduler/scheduler';
import type { SchedulerProgram } from '../../spec/scheduler/scheduler-data';
import { schedulerFailure, type SchedulerRun, type SchedulerStop } from '../../verdict/scheduler/scheduler-run';
import type { KernelLog } from './kernel-log';
import { attachedOps, hasSchedExt, keepDumps } from './sched-ext';
import { SchedulerProcess } from './scheduler-process';

/** What the control is made of. */
export interface ControlParts {
  /** The scheduler of the test, null when it is the kernel's own. */
  boot: SchedulerProgram | null;
  staged: readonly SchedulerProgram[];
  /** Opened when the first scheduler is started. */
  openLog(): Promise<KernelLog>;
  /** Told of each run when it attaches and when it has ended; `index` counts the runs from 0. */
  onRun(index: number, run: SchedulerRun): void;
}

interface Active {
  process: SchedulerProcess;
  /** Of its run. */
  index: number;
}

/** Starts, stops and swaps the scheduler of a test. Calls are carried out one after the other. */
export class SchedulerControl implements SchedulerHandle {
  /** Resolves with the first scheduler that fails or ends without being asked to. */
  readonly failed: Promise<SchedulerRun>;
  readonly #parts: ControlParts;
  readonly #programs: Map<string, SchedulerProgram>;
  readonly #runs: SchedulerRun[] = [];
  #log: KernelLog | undefined;
  #active: Active | undefined;
  /** What `attach()` and `restart()` mean when no name is given. */
  #last: string | null;
  #queue: Promise<unknown> = Promise.resolve();
  #tellFailed: (run: SchedulerRun) => void = () => undefined;

  constructor(parts: ControlParts) {
    this.#parts = parts;
    const all = [...(parts.boot ? [parts.boot] : []), ...parts.staged];
    this.#programs = new Map(all.map((program) => [program.name, program]));
    this.#last = parts.boot?.name ?? null;
    this.failed = new Promise((resolve) => (this.#tellFailed = resolve));
  }

  get current(): string | null {
    return this.#active?.process.name ?? null;
  }

  get ops(): string | null {
    return attachedOps();
  }

  attach(scheduler?: Scheduler | string): Promise<void> {
    return this.#inTurn(async () => {
      const program = this.#programOf(scheduler);
      if (this.current === program.name) return;
      if (this.current !== null)
        throw this.#refused('attach', program.name, `"${this.current}" is attached; use replace`);
      await this.#start(program);
    });
  }

  detach(): Promise<void> {
    return this.#inTurn(() => this.#end('detach'));
  }

  restart(): Promise<void> {
    return this.#inTurn(async () => {
      const program = this.#programOf();
      await this.#end('restart');
      await this.#start(program);
    });
  }

  replace(scheduler: Scheduler | string): Promise<void> {
    return this.#inTurn(async () => {
      const program = this.#programOf(scheduler);
      if (this.current === program.name) return;
      await this.#end('replace');
      await this.#start(program);
    });
  }

  /** Ends what is attached, as the test is over. Resolves with all runs, in order of their start. */
  async finish(): Promise<SchedulerRun[]> {
    await this.#queue;
    this.#checkOps();
    await this.#end('test-ended');
    return this.#runs;
  }

  /** An error of one call is that call's alone. */
  #inTurn(work: () => Promise<void>): Promise<void> {
    const turn = this.#queue.then(work);
    this.#queue = turn.catch(() => undefined);
    return turn;
  }

  #programOf(scheduler?: Scheduler | string): SchedulerProgram {
    const name = typeof scheduler === 'object' ? scheduler.name : (scheduler ?? this.#last);
    const program = name === null ? undefined : this.#programs.get(name);
    if (program) return program;
    const there = [...this.#programs.keys()].join(', ') || 'none';
    throw this.#refused('find', name ?? '', `the image holds ${there}; name it in stagedSchedulers`);
  }

  async #start(program: SchedulerProgram): Promise<void> {
    if (!hasSchedExt()) return this.#refuseKernel(program);
    this.#log ??= await this.#open();
    const index = this.#runs.length;
    const process = new SchedulerProcess(program, this.#log);
    this.#runs.push(process.run);
    this.#last = program.name;
    if (!(await process.attached)) return this.#giveUp({ process, index });
    if (!matchesOps(program, process.run.ops)) return this.#refuseOps(program, { process, index });
    const problem = (await process.watchdog?.problem()) ?? null;
    if (problem !== null) return this.#refuseWatchdog(problem, { process, index });
    this.#record(index, process.run);
    const active = { process, index };
    this.#active = active;
    void process.gone.then(() => this.#lose(active));
  }

  #open(): Promise<KernelLog> {
    keepDumps();
    return this.#parts.openLog();
  }

  async #end(why: SchedulerStop): Promise<void> {
    const active = this.#active;
    this.#active = undefined;
    if (active) this.#settle(active.index, await active.process.finish(why));
  }

  /** It went without being asked: whoever waits is told at once, and the details follow. */
  #lose(active: Active): void {
    if (this.#active !== active) return;
    const { process } = active;
    this.#queue = this.#queue.then(() => this.#end('test-ended'));
    this.#tellFailed(process.run);
  }

  async #giveUp({ process, index }: Active): Promise<void> {
    const run = await process.finish('never-attached');
    this.#settle(index, run);
    throw this.#refused('attach', run.name, run.message);
  }

  #refuseKernel(program: SchedulerProgram): never {
    const message =
      'needs a kernel with sched_ext (CONFIG_SCHED_CLASS_EXT), and this one has none; npx ktstr kernel build makes one that has';
    this.#settle(this.#runs.length, { ...NOTHING, name: program.name, outcome: 'sched-ext-missing', message });
    throw this.#refused('attach', program.name, message);
  }

  async #refuseOps(program: SchedulerProgram, { process, index }: Active): Promise<void> {
    const { ops } = process.run;
    const run = await process.finish('detach');
    const message = `attached as "${ops}", and the declaration expects "${program.ops}" (ops)`;
    this.#settle(index, { ...run, outcome: 'wrong-ops', message });
    throw this.#refused('attach', run.name, message);
  }

  async #refuseWatchdog(problem: string, { process, index }: Active): Promise<void> {
    const message = `attached without the declared limit of its watchdog (watchdogTimeoutMs): ${problem}`;
    const run = await process.finish('detach');
    this.#settle(index, { ...run, outcome: 'scheduler-start-failed', message });
    throw this.#refused('attach', run.name, message);
  }

  /** The kernel has the last word on what was scheduling while the test ran. */
  #checkOps(): void {
    if (!this.#active) return;
    const { process, index } = this.#active;
    const program = this.#programOf(process.name);
    const found = attachedOps();
    if (matchesOps(program, found)) return;
    const message = `was to be attached at the end of the test, and sysfs names "${found ?? 'nothing'}"`;
    this.#settle(index, { ...process.run, outcome: 'wrong-ops', message });
  }

  #settle(index: number, run: SchedulerRun): void {
    const known = this.#runs[index];
    // A finding made while it ran stands, with the details of its end.
    const isFound = known?.outcome === 'wrong-ops' && run.outcome === 'stopped';
    const final = isFound ? { ...run, outcome: known.outcome, message: known.message } : run;
    this.#record(index, final);
    if (schedulerFailure(final) !== null) this.#tellFailed(final);
  }

  #record(index: number, run: SchedulerRun): void {
    this.#runs[index] = run;
    this.#parts.onRun(index, run);
  }

  #refused(action: string, scheduler: string, problem: string): HarnessError {
    return new HarnessError('scheduler-control', { action, scheduler, problem });
  }
}

/** A name, as it is or with what schedulers append to it: `rusty` for `rusty_1.0.4`. */
function matchesOps({ ops }: SchedulerProgram, found: string | null): boolean {
  return found === ops || found?.startsWith(`${ops}_`) === true;
}

const NOTHING: Omit<SchedulerRun, 'name' | 'outcome' | 'message'> = {
  argv: [],
  ops: null,
  watchdog: null,
  startedAtNs: 0,
  attachedAtNs: null,
  endedAtNs: null,
  stop: null,
  exit: null,
  kernel: null,
  stdout: '',
  stderr: '',
  kernelLines: [],
  dump: [],
};
