import { posix } from 'node:path';
import type { core } from 'zod';
import type { OptionIssue } from '../../errors';
import type { ConsoleAllowEntry } from '../../verdict/console/console-allow';
import type { MonitorSettings } from '../../verdict/monitor/monitor-thresholds';
import type { Thresholds } from '../../verdict/thresholds';
import { cpuCount, type Topology } from '../topology/topology';
import { NEEDS_MACHINE } from './merge-options';
import { nearestName } from './nearest-name';
import {
  DERIVED_DEFAULTS,
  MAX_CPUS,
  OPTION_SCHEMAS,
  testOptionsSchema,
  thresholdFields,
  type AfterHook,
  type ParsedOptions,
  type TestOptions,
} from './options';
import { optionHelp } from './option-schema';
import { renderValue } from './render-value';
import { schedulerFiles, schedulerIssues, schedulersOf, withSchedulerDefaults } from './resolve-scheduler';
import type { ExpectedFailure, TestSpec } from './test-spec';

export type ResolvedOptions = { spec: TestSpec; after?: AfterHook } | { issues: OptionIssue[] };

/** Judges merged options and fills in every default. Never throws: whatever is wrong comes back as one issue per option. */
export function resolveOptions(options: unknown): ResolvedOptions {
  const given = options === undefined ? {} : options;
  if (Object.prototype.toString.call(given) !== '[object Object]') {
    return { issues: [{ option: 'options', value: renderValue(given), allowed: 'an object', example: '{ llcs: 2 }' }] };
  }
  const layered = withSchedulerDefaults(given as TestOptions);
  const parsed = testOptionsSchema.safeParse(layered);
  if (!parsed.success) return { issues: parsed.error.issues.flatMap((issue) => schemaIssues(issue, layered)) };
  const issues = CONTRADICTIONS.flatMap((rule) => rule(parsed.data, layered));
  if (issues.length > 0) return { issues };
  const { after } = parsed.data;
  return { spec: toSpec(parsed.data), ...(after === undefined ? {} : { after }) };
}

const OPTION_NAMES = Object.keys(testOptionsSchema.shape) as (keyof TestOptions)[];

function schemaIssues(issue: core.$ZodIssue, given: unknown): OptionIssue[] {
  const isOfOptions = issue.path.length === 0 || (issue.path.length === 1 && issue.path[0] === 'monitor');
  if (issue.code === 'unrecognized_keys' && isOfOptions)
    return issue.keys.map((key) => unknownOption([...issue.path.map(String), key], given));
  const help = helpOf(issue.path.slice(0, 2).join('.'), issue.path.slice(0, 1).join('.'));
  const value = issue.code === 'invalid_key' ? issue.path.at(-1) : valueAt(given, issue.path);
  // Only the rules of the schema itself give a text; zod's own texts do not say what an option may be.
  const allowed = issue.code === 'custom' ? issue.message : help.allowed;
  return [{ option: issue.path.join('.'), value: renderValue(value), allowed, example: help.example }];
}

function unknownOption(path: readonly string[], given: unknown): OptionIssue {
  const name = path.join('.');
  const others = Object.keys(OPTION_SCHEMAS).filter((other) => other.split('.').length === path.length);
  const nearest = nearestName(name, others);
  const names = `one of ${others.join(', ')}`;
  return {
    option: name,
    value: renderValue(valueAt(given, path)),
    allowed: nearest === null ? names : `the option ${nearest}, if that was meant, or another ${names}`,
    example: helpOf(nearest ?? (path.length > 1 ? 'monitor' : 'llcs')).example,
  };
}

/** The help of the first of these options that there is, with its name before the example. */
function helpOf(...names: readonly string[]): { allowed: string; example: string } {
  const name = names.find((one) => Object.hasOwn(OPTION_SCHEMAS, one)) ?? '';
  const schema = OPTION_SCHEMAS[name];
  const help = schema === undefined ? undefined : optionHelp.get(schema);
  const [option, field] = name.split('.');
  const value = field === undefined ? help?.example : `{ ${field}: ${help?.example} }`;
  return { allowed: help?.allowed ?? '', example: `${option}: ${value}` };
}

function valueAt(given: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>(
    (value, key) => (typeof value === 'object' && value !== null ? Reflect.get(value, key) : undefined),
    given,
  );
}

type Rule = (parsed: ParsedOptions, given: TestOptions) => OptionIssue[];

const CONTRADICTIONS: readonly Rule[] = [
  evenNodes,
  cpuTotal,
  bodyTime,
  includeNames,
  hostOnlyRule,
  expectationRule,
  schedulerRule,
  pauseRule,
];

function evenNodes({ numaNodes, llcs }: ParsedOptions): OptionIssue[] {
  if (llcs % numaNodes === 0) return [];
  const allowed = `a multiple of numaNodes, which is ${numaNodes}`;
  return [
    { option: 'llcs', value: String(llcs), allowed, example: `llcs: ${Math.ceil(llcs / numaNodes) * numaNodes}` },
  ];
}

function cpuTotal(parsed: ParsedOptions): OptionIssue[] {
  const cpus = cpuCount(parsed);
  if (cpus <= MAX_CPUS) return [];
  const { llcs, cores, threads } = parsed;
  const value = `${llcs} * ${cores} * ${threads} = ${cpus} CPUs`;
  const allowed = `at most ${MAX_CPUS} CPUs in all`;
  return [{ option: 'llcs * cores * threads', value, allowed, example: 'llcs: 4, cores: 8, threads: 2' }];
}

/** Only when both are given: a test that never holds may well end before the default duration. */
function bodyTime(_: ParsedOptions, { durationMs, timeoutMs }: TestOptions): OptionIssue[] {
  if (durationMs === undefined || timeoutMs === undefined || timeoutMs > durationMs) return [];
  const allowed = `more than durationMs, which is ${durationMs}`;
  const example = `timeoutMs: ${DERIVED_DEFAULTS.timeoutMs(durationMs)}`;
  return [{ option: 'timeoutMs', value: String(timeoutMs), allowed, example }];
}

function includeNames({ includeFiles }: ParsedOptions): OptionIssue[] {
  const owners = new Map<string, string>();
  return [...new Set(includeFiles)].flatMap((file) => {
    const name = posix.basename(file);
    const owner = owners.get(name);
    owners.set(name, owner ?? file);
    if (owner === undefined) return [];
    const allowed = `a file name of its own: "${owner}" is /include-files/${name} already`;
    return [{ option: 'includeFiles', value: renderValue(file), allowed, example: helpOf('includeFiles').example }];
  });
}

function hostOnlyRule({ hostOnly }: ParsedOptions, given: TestOptions): OptionIssue[] {
  if (!hostOnly) return [];
  return OPTION_NAMES.filter((name) => NEEDS_MACHINE[name] && given[name] !== undefined).map((name) => ({
    option: name,
    value: renderValue(given[name]),
    allowed: 'nothing with hostOnly, which runs without a machine',
    example: 'hostOnly: false',
  }));
}

function expectationRule({ expectFailure, allowInconclusive }: ParsedOptions): OptionIssue[] {
  if (expectFailure === undefined || !allowInconclusive) return [];
  const allowed = 'false with expectFailure, which asks for a failure';
  return [{ option: 'allowInconclusive', value: 'true', allowed, example: 'allowInconclusive: false' }];
}

function schedulerRule(parsed: ParsedOptions, given: TestOptions): OptionIssue[] {
  if (parsed.hostOnly) return [];
  const { numaNodes, llcs, cores, threads } = parsed;
  return schedulerIssues(parsed, given, { numaNodes, llcs, cores, threads });
}

function pauseRule({ monitor, machine }: ParsedOptions): OptionIssue[] {
  if (monitor.pauseAt === undefined || machine === 'deterministic') return [];
  const allowed = 'deterministic with monitor.pauseAt: no other machine comes to the same moment in each run';
  return [{ option: 'machine', value: renderValue(machine), allowed, example: "machine: 'deterministic'" }];
}

function toSpec(parsed: ParsedOptions): TestSpec {
  const { numaNodes, llcs, cores, threads, kernel, expectFailure } = parsed;
  const topology: Topology = { numaNodes, llcs, cores, threads };
  return {
    topology,
    memoryMib: parsed.memoryMib ?? DERIVED_DEFAULTS.memoryMib(cpuCount(topology)),
    durationMs: parsed.durationMs,
    workersPerCgroup: parsed.workersPerCgroup,
    machine: parsed.machine,
    seed: parsed.seed,
    repeat: parsed.repeat,
    ...schedulersOf(parsed),
    ...(kernel === undefined ? {} : { kernel }),
    kernelArgs: parsed.kernelArgs,
    sysctls: Object.fromEntries(Object.entries(parsed.sysctls).map(([name, value]) => [name, String(value)])),
    timeoutMs: parsed.timeoutMs ?? DERIVED_DEFAULTS.timeoutMs(parsed.durationMs),
    hostOnly: parsed.hostOnly,
    ...(expectFailure === undefined ? {} : { expectFailure: toExpectedFailure(expectFailure) }),
    allowInconclusive: parsed.allowInconclusive,
    verbose: parsed.verbose,
    consoleAllow: parsed.consoleAllow.map(toAllowEntry),
    includeFiles: [...new Set([...parsed.includeFiles, ...schedulerFiles(parsed)])],
    thresholds: toThresholds(parsed),
    monitor: toMonitor(parsed),
    bpfMapWrite: [parsed.bpfMapWrite].flat(),
    watchBpfMaps: parsed.watchBpfMaps,
  };
}

function toExpectedFailure(expected: NonNullable<ParsedOptions['expectFailure']>): ExpectedFailure {
  return typeof expected === 'string' ? { kind: expected } : { pattern: expected.source, flags: expected.flags };
}

/** As plain data: a pattern would not survive the way to another process. */
export function toAllowEntry({ pattern, ...entry }: ParsedOptions['consoleAllow'][number]): ConsoleAllowEntry {
  const { source, flags } = new RegExp(pattern);
  return { pattern: source, flags, ...entry };
}

function toThresholds(parsed: ParsedOptions): Thresholds {
  const names = Object.keys(thresholdFields) as (keyof Thresholds)[];
  const set = names.filter((name) => parsed[name] !== undefined);
  return Object.fromEntries(set.map((name) => [name, parsed[name]]));
}

function toMonitor({ monitor }: ParsedOptions): MonitorSettings {
  const { periodMs, ...thresholds } = monitor;
  return { periodMs, ...Object.fromEntries(Object.entries(thresholds).filter(([, value]) => value !== undefined)) };
}
