import type { OptionIssue } from '../../errors';
import { shapeIssues } from '../scheduler/constraints';
import { withRequired, type FlagData } from '../scheduler/flag';
import { isScheduler, type Scheduler } from '../scheduler/scheduler';
import { applyUse, PLAIN_USE, type SchedulerProgram } from '../scheduler/scheduler-data';
import type { Topology } from '../topology/topology';
import { mergeOptions } from './merge-options';
import { nearestName } from './nearest-name';
import type { ParsedOptions, TestOptions } from './options';
import { renderValue } from './render-value';
import type { TestSpec } from './test-spec';

/** The options of a test over those that its scheduler brings. */
export function withSchedulerDefaults(given: TestOptions): TestOptions {
  if (!isScheduler(given.scheduler)) return given;
  const { topology, assert, monitor, sysctls, kernelArgs, watchBpfMaps } = given.scheduler.defaults;
  return mergeOptions({ ...assert } as TestOptions, { ...topology, monitor, sysctls, kernelArgs, watchBpfMaps }, given);
}

/** What is wrong with the schedulers of a test and how they are to be run. */
export function schedulerIssues(parsed: ParsedOptions, given: TestOptions, shape: Topology): OptionIssue[] {
  const { scheduler, stagedSchedulers } = parsed;
  return [
    ...(scheduler === undefined ? [] : shapeIssues(scheduler.constraints, shape, scheduler.name)),
    ...flagOptionIssues(parsed),
    ...programOnlyIssues(parsed, given),
    ...stagedSchedulers.flatMap((staged) => stagedIssues(staged, scheduler)),
    ...duplicateNames([...(scheduler === undefined ? [] : [scheduler]), ...stagedSchedulers]),
  ];
}

const FLAG_OPTIONS = ['flags', 'requiredFlags', 'excludedFlags'] as const;

function flagOptionIssues(parsed: ParsedOptions): OptionIssue[] {
  const flags = flagsOf(parsed.scheduler);
  const names = Object.keys(flags);
  const unknown = FLAG_OPTIONS.flatMap((option) =>
    parsed[option].filter((name) => !names.includes(name)).map((name) => unknownFlag(option, name, names)),
  );
  if (unknown.length > 0) return unknown;
  const excluded = activeFlags(parsed).filter((name) => parsed.excludedFlags.includes(name));
  return excluded.map((name) => ({
    option: 'excludedFlags',
    value: renderValue(name),
    allowed: `flags that are off: ${name} is asked for, or required by one that is (${activeFlags(parsed).join(', ')})`,
    example: 'excludedFlags: []',
  }));
}

function unknownFlag(option: string, name: string, names: readonly string[]): OptionIssue {
  const nearest = nearestName(name, names);
  const list = names.length === 0 ? 'none: the scheduler declares no flags' : `one of ${names.join(', ')}`;
  const allowed = nearest === null ? list : `${list}; did you mean ${nearest}?`;
  return { option, value: renderValue(name), allowed, example: `${option}: ['${nearest ?? names[0] ?? ''}']` };
}

/** Options that speak to a program mean nothing without one. */
function programOnlyIssues({ scheduler }: ParsedOptions, given: TestOptions): OptionIssue[] {
  const data = scheduler?.toData();
  const isSet = (value: unknown): boolean => value !== undefined && !(Array.isArray(value) && value.length === 0);
  const example = `scheduler: Scheduler.binary({ name: 'scx_mine' })`;
  if (data?.kind !== 'binary') {
    return (['schedulerArgs', 'schedulerConfig', 'bpfMapWrite', 'watchBpfMaps'] as const)
      .filter((option) => isSet(given[option]))
      .map((option) => ({
        option,
        value: renderValue(given[option]),
        allowed: 'nothing without a binary scheduler',
        example,
      }));
  }
  if (given.schedulerConfig === undefined || data.config !== null) return [];
  const allowed = `nothing: scheduler "${data.name}" declares no config, which says where the file goes`;
  return [{ option: 'schedulerConfig', value: renderValue(given.schedulerConfig), allowed, example: `config: { … }` }];
}

function stagedIssues(staged: Scheduler, scheduler: Scheduler | undefined): OptionIssue[] {
  if (staged.toData().kind === 'binary' && scheduler?.toData().kind !== 'builtin') return [];
  const allowed = 'binary schedulers, beside a binary scheduler or none';
  return [
    { option: 'stagedSchedulers', value: staged.name, allowed, example: `[Scheduler.binary({ name: 'scx_mine' })]` },
  ];
}

function duplicateNames(schedulers: readonly Scheduler[]): OptionIssue[] {
  const names = schedulers.map(({ name }) => name);
  const twice = new Set(names.filter((name, index) => names.indexOf(name) !== index));
  return [...twice].map((name) => ({
    option: 'stagedSchedulers',
    value: renderValue(name),
    allowed: 'schedulers with names of their own',
    example: `SCHED.variant('${name}_2')`,
  }));
}

function flagsOf(scheduler: Scheduler | undefined): Readonly<Record<string, FlagData>> {
  const data = scheduler?.toData();
  return data?.kind === 'binary' ? data.flags : {};
}

function activeFlags({ scheduler, flags, requiredFlags }: ParsedOptions): string[] {
  return withRequired(flagsOf(scheduler), [...flags, ...requiredFlags]);
}

/** The schedulers of a test that has no issues. */
export function schedulersOf(parsed: ParsedOptions): Pick<TestSpec, 'scheduler' | 'stagedSchedulers'> {
  const { scheduler, stagedSchedulers, schedulerArgs, schedulerConfig } = parsed;
  const use = { flags: activeFlags(parsed), args: schedulerArgs, configText: schedulerConfig ?? null };
  return {
    scheduler: scheduler === undefined ? { kind: 'eevdf', name: 'eevdf' } : applyUse(scheduler.toData(), use),
    stagedSchedulers: stagedSchedulers.map((staged) => applyUse(staged.toData(), PLAIN_USE) as SchedulerProgram),
  };
}

/** Host files that the schedulers of a test want in the guest. */
export function schedulerFiles({ scheduler, stagedSchedulers }: ParsedOptions): string[] {
  return [...(scheduler === undefined ? [] : [scheduler]), ...stagedSchedulers].flatMap((one) => {
    const data = one.toData();
    return data.kind === 'binary' ? data.includeFiles : [];
  });
}
