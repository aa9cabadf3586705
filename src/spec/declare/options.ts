import { types } from 'node:util';
import { z } from 'zod';
import { DETAIL_KINDS, type DetailKind } from '../../verdict/assert-result';
import { DEFAULT_MAX_GAP_MS } from '../../verdict/checks/gap';
import { DEFAULT_MAX_SPREAD_PCT } from '../../verdict/checks/spread';
import { FAILURE_KINDS, type FailureKind } from '../../verdict/failure-kind';
import type { Thresholds } from '../../verdict/thresholds';
import { isScheduler, type Scheduler } from '../scheduler/scheduler';
import { MAX_WORKERS } from '../workload/work-spec';
import type { RunResult } from '../../verdict/run-result';
import {
  ABOVE_ZERO,
  check,
  derivedWhole,
  documented,
  flag,
  FROM_ZERO,
  PERCENT,
  strings,
  threshold,
  whole,
  type OptionHelp,
} from './option-schema';
import { bpfMapWriteOption, watchBpfMapsOption } from './bpf-options';
import { monitorFields, monitorOption } from './monitor-options';
import { MACHINES } from './test-spec';

/** Most CPUs of a machine. Chosen: 8-bit APIC ids name 255 CPUs, less a few that I/O APICs and uneven topologies take. */
export const MAX_CPUS = 252;

const MAX_U32 = 2 ** 32 - 1;
const HOUR_MS = 3_600_000;

/** Holds the guest image packed and unpacked (about 100 MB each), the kernel and a running Node. */
const BASE_MEMORY_MIB = 512;

/** Chosen: per-CPU data of the kernel and a few dozen worker processes. Too little ends in the guest's out-of-memory killer. */
const MEMORY_PER_CPU_MIB = 64;

/** Chosen: starting and collecting hundreds of workers on an emulated machine takes seconds. Too little fails slow tests that are right. */
const BODY_SLACK_MS = 15_000;

/** Called on the host, in Jest's sandbox, with the result of the run. */
export type AfterHook = (result: RunResult) => void | Promise<void>;

/** Names that the harness itself gives a value on the command line. `--` would hand all that follows to init. */
const TAKEN_KERNEL_ARGS = ['console', 'rdinit', 'init', 'panic', '--'];

const kernelArg = z
  .string()
  .regex(/^[!#-~]+$/)
  .refine((arg) => !TAKEN_KERNEL_ARGS.includes(arg.split('=')[0] ?? ''), {
    error: `an argument other than ${TAKEN_KERNEL_ARGS.join(', ')}, which the harness sets itself`,
  });

const sysctlName = z.string().regex(/^[\w-]+(\.[\w-]+)+$/);
const sysctlValue = z.union([z.int(), z.string().regex(/^[^\n\0]+$/)]);

const EXPECTABLE_CHECKS = DETAIL_KINDS.filter((kind): kind is Exclude<DetailKind, 'skip'> => kind !== 'skip');
const EXPECTABLE: readonly (FailureKind | Exclude<DetailKind, 'skip'>)[] = [...EXPECTABLE_CHECKS, ...FAILURE_KINDS];

const failurePattern = z.custom<RegExp>((value) => types.isRegExp(value));

const expectedFailure = z
  .union([z.enum(EXPECTABLE), failurePattern])
  .refine((expected) => typeof expected === 'string' || !new RegExp(expected).test(''), {
    error: 'a pattern that does not match the empty text, or it would match every failure',
  });

const scheduler = z.custom<Scheduler>(isScheduler);
const flagName = z.string().regex(/\S/);
const schedulerArg = z.string().regex(/^[^\0]*$/);
function isPattern(value: unknown): value is RegExp | string {
  if (!types.isRegExp(value) && typeof value !== 'string') return false;
  try {
    return !new RegExp(value).test('');
  } catch {
    return false;
  }
}

/** Splats that are known. Patterns may be texts, because a Jest configuration may be JSON. */
export const consoleAllowSchema = z.array(
  z.strictObject({
    pattern: z.custom<RegExp | string>(isPattern, {
      error: 'a regular expression, or its source, that does not match the empty text',
    }),
    reason: z.string().regex(/\S/),
    link: z.string().regex(/^https?:\/\/\S+$/),
    expires: z.iso.date(),
  }),
);

/** What messages say about `consoleAllow`, of a test and of the environment. */
export const CONSOLE_ALLOW_HELP: OptionHelp = {
  allowed:
    'a list of { pattern, reason, link, expires }: a pattern for the first line or the title of a splat, a text, a URL and the last ' +
    'day that it allows, as YYYY-MM-DD',
  example: `[{ pattern: /WARNING in foo_bar/, reason: 'fixed in 6.13', link: 'https://bugs.example/1', expires: '2030-01-31' }]`,
};

const afterHook = z.custom<AfterHook>((value) => typeof value === 'function', { error: 'a function' });

/** The options that become `TestSpec.thresholds`. */
export const thresholdFields = {
  notStuck: check(
    'every worker must do some work; also switches on ' +
      `maxGapMs at ${DEFAULT_MAX_GAP_MS} and maxSpreadPct at ${DEFAULT_MAX_SPREAD_PCT}`,
  ),
  isolation: check('workers must be seen only on CPUs of the cpuset of their cgroup'),
  maxGapMs: threshold('longest time between two checkpoints of a worker, in ms', { ...ABOVE_ZERO, example: 500 }),
  maxSpreadPct: threshold('highest less lowest off-CPU percentage of the workers of a cgroup, in points', {
    ...PERCENT,
    example: 15,
  }),
  maxThroughputCv: threshold('coefficient of variation of work units per CPU second over the workers of a cgroup', {
    ...FROM_ZERO,
    example: 0.2,
  }),
  minWorkRate: threshold('work units per CPU second, of every worker', { ...ABOVE_ZERO, example: 1000 }),
  minIterationRate: threshold('iterations per wall second, of every worker', { ...ABOVE_ZERO, example: 100 }),
  maxMigrationRatio: threshold('migrations per iteration, of a cgroup', { ...FROM_ZERO, example: 0.01 }),
} satisfies Record<keyof Thresholds, z.ZodType>;

/** The one definition of what a test can be declared with: types, defaults, bounds and help. */
export const testOptionsSchema = z.strictObject({
  numaNodes: whole('NUMA nodes of the machine, which share its LLCs evenly', {
    min: 1,
    max: 64,
    default: 1,
    example: 2,
  }),
  llcs: whole('last-level caches of the whole machine', { min: 1, max: MAX_CPUS, default: 1, example: 2 }),
  cores: whole('cores per LLC', { min: 1, max: MAX_CPUS, default: 2, example: 2 }),
  threads: whole('SMT threads per core', { min: 1, max: 8, default: 1, example: 2 }),
  memoryMib: derivedWhole('memory of the machine, in MiB', {
    min: 256,
    max: 65536,
    default: `${BASE_MEMORY_MIB} or ${MEMORY_PER_CPU_MIB} per CPU, whichever is more`,
    example: 1024,
  }),
  durationMs: whole('length of a full hold (ctx.durationMs), in ms of guest time', {
    min: 1,
    max: HOUR_MS,
    default: 2000,
    example: 5000,
  }),
  workersPerCgroup: whole('workers of a group that gives no count of its own', {
    min: 1,
    max: MAX_WORKERS,
    default: 2,
    example: 4,
  }),
  machine: documented(z.enum(MACHINES).default('auto'), {
    about: 'what runs the guest; auto takes kvm where the hardware has it, else emulated',
    allowed: `one of ${MACHINES.join(', ')}`,
    default: 'auto',
    example: `'deterministic'`,
  }),
  seed: whole('perturbs the start of the workers; the same seed gives the same deterministic run', {
    min: 0,
    max: MAX_U32,
    default: 0,
    example: 7,
  }),
  repeat: whole('runs of the test; on the deterministic machine all results must be equal', {
    min: 1,
    max: 1000,
    default: 1,
    example: 2,
  }),
  scheduler: documented(scheduler.optional(), {
    about: 'the scheduler under test; it is started before the test and must stay attached until its end',
    allowed: 'what Scheduler.binary(), Scheduler.kernelBuiltin() or Scheduler.eevdf() returns',
    default: "the kernel's own (EEVDF)",
    example: `Scheduler.binary({ name: 'scx_mine', path: 'build/scx_mine' })`,
  }),
  stagedSchedulers: documented(z.array(scheduler).default([]), {
    about: 'further schedulers in the image, for ctx.scheduler.attach and replace',
    allowed: 'a list of what Scheduler.binary() returns, each with a name of its own',
    default: '[]',
    example: `[Scheduler.binary({ name: 'scx_other', path: 'build/scx_other' })]`,
  }),
  flags: strings('flags of the scheduler that are on, with those that they require', flagName, {
    allowed: 'a list of flags that the scheduler declares',
    example: `['llc']`,
  }),
  requiredFlags: strings('flags that are on in addition, e.g. for all tests of a class', flagName, {
    allowed: 'a list of flags that the scheduler declares',
    example: `['llc']`,
  }),
  excludedFlags: strings('flags that must not be on, not even as a requirement of others', flagName, {
    allowed: 'a list of flags that the scheduler declares',
    example: `['steal']`,
  }),
  schedulerArgs: strings('more arguments for the scheduler, behind those of its declaration', schedulerArg, {
    allowed: 'a list with one text per argument',
    example: `['--slice-us', '5000']`,
  }),
  schedulerConfig: documented(z.string().optional(), {
    about: "text of the scheduler's configuration file, in place of that of its declaration",
    allowed: 'a text',
    default: 'the text of the declaration',
    example: `'{ "slice": 5 }'`,
  }),
  kernel: documented(z.string().regex(/\S/).optional(), {
    about: 'path of a kernel image, or key or release (or how it begins) of a stored kernel',
    allowed: 'a path or a release',
    default: 'the usual lookup: KTSTR_KERNEL, the cache, the kernel of the host',
    example: `'6.12'`,
  }),
  kernelArgs: strings('more arguments on the kernel command line', kernelArg, {
    allowed: 'a list of printable ASCII words, without blanks and double quotes',
    example: `['preempt=full']`,
  }),
  sysctls: documented(z.record(sysctlName, sysctlValue).default({}), {
    about: 'sysctls set in the guest before the test starts',
    allowed: 'dotted names, each with a whole number or a text of one line',
    default: '{}',
    example: `{ 'kernel.sched_schedstats': 1 }`,
  }),
  timeoutMs: derivedWhole('time that the test body has with its hooks, in ms of guest time', {
    min: 1,
    max: 24 * HOUR_MS,
    default: `durationMs + ${BODY_SLACK_MS}`,
    example: 30_000,
  }),
  hostOnly: flag('runs the body on the host, without a machine'),
  expectFailure: documented(expectedFailure.optional(), {
    about: 'the test passes when it fails like this, and fails when it passes or fails in another way',
    allowed: `a pattern for the text of the failure, or one of ${EXPECTABLE.join(', ')}`,
    default: 'unset',
    example: `'stuck'`,
  }),
  allowInconclusive: flag('an inconclusive result passes'),
  consoleAllow: documented(consoleAllowSchema.default([]), {
    ...CONSOLE_ALLOW_HELP,
    about: 'splats on the kernel console that are known and do not fail the test',
    default: '[]',
  }),
  includeFiles: strings('host files put under /include-files of the guest, on PATH', z.string().regex(/^[^\0]+$/), {
    allowed: 'a list of paths with different file names',
    example: `['./build/my-tool']`,
  }),
  after: documented(afterHook.optional(), {
    about: 'called on the host with the whole result of the run, e.g. for snapshots',
    allowed: 'a function',
    default: 'unset',
    example: '(result) => expect(result.workers).toMatchSnapshot()',
  }),
  verbose: flag('prints the figures of each cgroup and the series of the monitor when the test passes, too'),
  ...thresholdFields,
  monitor: monitorOption,
  bpfMapWrite: bpfMapWriteOption,
  watchBpfMaps: watchBpfMapsOption,
});

/** The schema of every option by its name, and of the fields of `monitor` by a dotted one, e.g. `monitor.periodMs`. */
export const OPTION_SCHEMAS: Readonly<Record<string, z.ZodType>> = {
  ...testOptionsSchema.shape,
  ...Object.fromEntries(Object.entries(monitorFields).map(([name, schema]) => [`monitor.${name}`, schema])),
};

type Input = z.input<typeof testOptionsSchema>;
type FlagOption = 'flags' | 'requiredFlags' | 'excludedFlags';

/**
 * Options of a declared test. Unset ones inherit from the class, then take their default. `F` are the flags of the scheduler that stands
 * beside them; where it stands in the class defaults, the names are checked when the file loads.
 */
export interface TestOptions<F extends string = string> extends Omit<Input, 'scheduler' | FlagOption> {
  scheduler?: Scheduler<F> | undefined;
  flags?: readonly NoInfer<F>[] | undefined;
  requiredFlags?: readonly NoInfer<F>[] | undefined;
  excludedFlags?: readonly NoInfer<F>[] | undefined;
}

/** Options that passed the schema, with the defaults that depend on nothing. */
export type ParsedOptions = z.output<typeof testOptionsSchema>;

/** Defaults that depend on other options. */
export const DERIVED_DEFAULTS = {
  memoryMib: (cpus: number): number => Math.max(BASE_MEMORY_MIB, MEMORY_PER_CPU_MIB * cpus),
  timeoutMs: (durationMs: number): number => durationMs + BODY_SLACK_MS,
};
