import { HarnessError, type OptionIssue } from '../../errors';
import type { BpfMapWatch } from '../../verdict/monitor/bpf-settings';
import type { MonitorOptions } from '../declare/monitor-options';
import type { TopologyConstraints } from './constraints';
import type { FlagData } from './flag';
import { profilesOf, type Profile, type ProfileFilter } from './profiles';
import type { BinaryScheduler, GuestWrite, SchedulerConfig, SchedulerData } from './scheduler-data';
import { binaryIssues, builtinIssues } from './scheduler-issues';

/** What a scheduler brings for every test that names it, under the options of class and test. Checked with those of the test. */
export interface SchedulerDefaults {
  /** Shape of the machine. */
  topology?: { numaNodes?: number; llcs?: number; cores?: number; threads?: number } | undefined;
  /** Assertion thresholds by their option names, e.g. `{ maxGapMs: 500 }`. */
  assert?: Readonly<Record<string, unknown>> | undefined;
  /** What the monitor asserts, e.g. `{ defaults: true }`. */
  monitor?: MonitorOptions | undefined;
  /** Values of its memory that the monitor samples, e.g. `[{ variable: 'nr_stolen', as: 'counter', label: 'stolen' }]`. */
  watchBpfMaps?: BpfMapWatch[] | undefined;
  sysctls?: Record<string, string | number> | undefined;
  kernelArgs?: string[] | undefined;
}

interface Common extends SchedulerDefaults {
  name: string;
  /** Shapes that the scheduler can run on; a test with another one fails when its file loads. */
  constraints?: TopologyConstraints | undefined;
}

export interface BinaryOptions<F extends string = never> extends Common {
  /** The scheduler's program, a file of the host relative to the project; else it is looked for by `discover`. */
  path?: string | undefined;
  /** File name to look for; by default `name`. */
  discover?: string | undefined;
  /** What the kernel calls the scheduler (sysfs root/ops), or how that begins; by default `name` without `scx_`. */
  ops?: string | undefined;
  /** One list entry per argument. */
  args?: readonly string[] | undefined;
  flags?: Readonly<Record<F, FlagData>> | undefined;
  config?: SchedulerConfig | undefined;
  /** cgroup that is made before the scheduler starts; the cgroups of scenarios are made in it. */
  cgroupParent?: string | undefined;
  /** Host files put under /include-files of the guest. */
  includeFiles?: readonly string[] | undefined;
  /** Guest time from start to attached; verifying a large scheduler on an emulated CPU takes seconds. By default 10000. */
  attachTimeoutMs?: number | undefined;
  /**
   * Limit of the kernel's watchdog in place of the one that the scheduler asks for: how long a task may be runnable without being run. At
   * most the kernel's own 30000. It is written over `timeout_ms` of the scheduler's operations as they are handed to the kernel; those that
   * the same process hands over later keep their own.
   */
  watchdogTimeoutMs?: number | undefined;
}

export interface BuiltinOptions extends Common {
  /** Written in order before the test. */
  enable: readonly GuestWrite[];
  /** Written in order after the test. */
  disable?: readonly GuestWrite[] | undefined;
}

const BRAND = Symbol.for('ktstr.scheduler');
const ATTACH_TIMEOUT_MS = 10_000;

/**
 * A scheduler under test. `F` are the names of its flags.
 *
 * @example const MY_SCHED = Scheduler.binary({ name: 'scx_mine', path: 'build/scx_mine', flags: { llc: flag(['--llc']) } });
 */
export class Scheduler<F extends string = string> {
  readonly [BRAND] = true;
  /** Only for the compiler: keeps schedulers with different flags apart. */
  declare readonly flagNames: readonly F[];
  readonly #data: SchedulerData;
  readonly #common: Omit<Common, 'name'>;

  private constructor(data: SchedulerData, common: Omit<Common, 'name'>) {
    this.#data = data;
    this.#common = common;
  }

  /** The kernel's default scheduler. */
  static eevdf(): Scheduler<never> {
    return new Scheduler<never>({ kind: 'eevdf', name: 'eevdf' }, {});
  }

  /**
   * A program that attaches a sched_ext scheduler and stays for as long as that is to run. SIGTERM must make it detach and end.
   * @throws {HarnessError} `options-invalid`
   */
  static binary<const F extends string = never>(options: BinaryOptions<F>): Scheduler<F> {
    const { name, topology, assert, monitor, watchBpfMaps, sysctls, kernelArgs, constraints, ...own } = options;
    reject(name, binaryIssues(options));
    const data: BinaryScheduler = {
      kind: 'binary',
      name,
      path: own.path ?? null,
      discover: own.discover ?? name,
      ops: own.ops ?? name.replace(/^scx_/, ''),
      args: [...(own.args ?? [])],
      flags: { ...own.flags },
      config: own.config ?? null,
      cgroupParent: own.cgroupParent ?? null,
      includeFiles: [...(own.includeFiles ?? [])],
      attachTimeoutMs: own.attachTimeoutMs ?? ATTACH_TIMEOUT_MS,
      watchdogTimeoutMs: own.watchdogTimeoutMs ?? null,
    };
    return new Scheduler<F>(data, { topology, assert, monitor, watchBpfMaps, sysctls, kernelArgs, constraints });
  }

  /**
   * A behaviour of the kernel's own scheduler that files of the guest switch on and off.
   * @throws {HarnessError} `options-invalid`
   * @example Scheduler.kernelBuiltin({ name: 'no-run-to-parity', enable: [{ file: '/sys/kernel/debug/sched/features', text: 'NO_RUN_TO_PARITY' }] })
   */
  static kernelBuiltin(options: BuiltinOptions): Scheduler<never> {
    const { name, enable, disable = [], ...common } = options;
    reject(name, builtinIssues(options));
    return new Scheduler<never>({ kind: 'builtin', name, enable: [...enable], disable: [...disable] }, common);
  }

  get name(): string {
    return this.#data.name;
  }

  /** The same scheduler under another name and with more arguments behind its own, e.g. to stage it beside itself. */
  variant(name: string, change: { args?: readonly string[] } = {}): Scheduler<F> {
    const { path, discover } = this.#data.kind === 'binary' ? this.#data : { path: null, discover: this.name };
    reject(name, binaryIssues({ name, path: path ?? undefined, discover, args: change.args }));
    if (this.#data.kind !== 'binary') return new Scheduler<F>({ ...this.#data, name }, this.#common);
    const args = [...this.#data.args, ...(change.args ?? [])];
    return new Scheduler<F>({ ...this.#data, name, args }, this.#common);
  }

  /** Every set of flags that the scheduler can be run with; each is a value for the test option `flags`. */
  profiles(filter: ProfileFilter<F> = {}): Profile<F>[] {
    return profilesOf(this.#data.kind === 'binary' ? this.#data.flags : {}, filter) as Profile<F>[];
  }

  toData(): SchedulerData {
    return this.#data;
  }

  get constraints(): TopologyConstraints {
    return this.#common.constraints ?? {};
  }

  /** Options that stand under those of the class and the test. */
  get defaults(): SchedulerDefaults {
    return this.#common;
  }
}

/** Whether a value is a scheduler, of whatever realm. */
export function isScheduler(value: unknown): value is Scheduler {
  return typeof value === 'object' && value !== null && BRAND in value;
}

function reject(name: string, issues: OptionIssue[]): void {
  if (issues.length > 0) throw new HarnessError('options-invalid', { subject: `scheduler "${name}"`, issues });
}
