import type { FlagData } from './flag';

/** Text written to a file of the guest, as `echo text > file` does. */
export interface GuestWrite {
  file: string;
  text: string;
}

/** A configuration file of a scheduler. */
export interface SchedulerConfig {
  /** Where the guest has the file, e.g. `/run/my.json`. */
  guestPath: string;
  text: string;
  /** How the scheduler is told of it; `{path}` stands for `guestPath`, e.g. `['--config', '{path}']`. */
  args: readonly string[];
}

/** A program that attaches a sched_ext scheduler, as declared. */
export interface BinaryScheduler {
  kind: 'binary';
  name: string;
  /** A file of the host, relative to the project; null: it is looked for by the name `discover`. */
  path: string | null;
  discover: string;
  /** What `/sys/kernel/sched_ext/root/ops` must begin with. */
  ops: string;
  args: readonly string[];
  flags: Readonly<Record<string, FlagData>>;
  config: SchedulerConfig | null;
  cgroupParent: string | null;
  includeFiles: readonly string[];
  attachTimeoutMs: number;
  /** Null: what the scheduler asks for. */
  watchdogTimeoutMs: number | null;
}

export interface BuiltinScheduler {
  kind: 'builtin';
  name: string;
  enable: readonly GuestWrite[];
  disable: readonly GuestWrite[];
}

/** A scheduler as its author declared it: plain data. */
export type SchedulerData = { kind: 'eevdf'; name: string } | BuiltinScheduler | BinaryScheduler;

/** What of a binary scheduler the guest starts. */
export interface SchedulerProgram {
  kind: 'binary';
  name: string;
  path: string | null;
  discover: string;
  ops: string;
  /** Arguments behind the program's own path. */
  args: string[];
  config: { guestPath: string; text: string } | null;
  cgroupParent: string | null;
  attachTimeoutMs: number;
  watchdogTimeoutMs: number | null;
}

/** A scheduler as one test runs it, with flags and further arguments applied. */
export type SchedulerSpec = { kind: 'eevdf'; name: string } | BuiltinScheduler | SchedulerProgram;

/** How a test wants a scheduler to be run. */
export interface SchedulerUse {
  flags: readonly string[];
  args: readonly string[];
  /** In place of the text of the declaration. */
  configText: string | null;
}

/** As declared, without flags. */
export const PLAIN_USE: SchedulerUse = { flags: [], args: [], configText: null };

/**
 * The scheduler as it is run. Order of arguments: those of the configuration file, the declaration's `args`, the test's `schedulerArgs`, those
 * of the active flags in the order in which the flags are declared.
 */
export function applyUse(data: SchedulerData, use: SchedulerUse): SchedulerSpec {
  if (data.kind !== 'binary') return data;
  const { kind, name, path, discover, ops, cgroupParent, attachTimeoutMs, watchdogTimeoutMs, config } = data;
  const text = use.configText ?? config?.text ?? '';
  const args = [
    ...(config?.args ?? []).map((arg) => arg.replaceAll('{path}', config?.guestPath ?? '')),
    ...data.args,
    ...use.args,
    ...use.flags.flatMap((flag) => data.flags[flag]?.args ?? []),
  ];
  const file = config === null ? null : { guestPath: config.guestPath, text };
  const limits = { attachTimeoutMs, watchdogTimeoutMs };
  return { kind, name, path, discover, ops, cgroupParent, ...limits, args, config: file };
}
