import type { OptionIssue } from '../../errors';
import { renderValue } from '../declare/render-value';
import { constraintIssues } from './constraints';
import { flagIssues, type FlagData } from './flag';
import type { BinaryOptions, BuiltinOptions } from './scheduler';
import type { GuestWrite } from './scheduler-data';

/** Names a file of the guest and a variable of the host's environment, so: what both can hold. */
const NAME = /^[A-Za-z][\w.-]{0,63}$/;
const DAY_MS = 86_400_000;
/** SCX_WATCHDOG_MAX_TIMEOUT of kernel/sched/ext.c. */
const MAX_WATCHDOG_MS = 30_000;

/** What is wrong with the declaration of a binary scheduler. */
export function binaryIssues(options: BinaryOptions<string>): OptionIssue[] {
  const { name, path, discover, args, flags, config, cgroupParent, constraints } = options;
  return [
    ...nameIssues(name),
    ...(path === undefined ? [] : textIssues('path', path, `'build/scx_mine'`)),
    ...(discover === undefined ? [] : fileNameIssues(discover)),
    ...argsIssues('args', args ?? []),
    ...allFlagIssues(flags ?? {}),
    ...(config === undefined ? [] : configIssues(config)),
    ...(cgroupParent === undefined ? [] : cgroupIssues(cgroupParent)),
    ...timeoutIssues('attachTimeoutMs', options.attachTimeoutMs, DAY_MS),
    ...timeoutIssues('watchdogTimeoutMs', options.watchdogTimeoutMs, MAX_WATCHDOG_MS),
    ...constraintIssues(constraints ?? {}),
  ];
}

/** What is wrong with the declaration of a behaviour of the kernel. */
export function builtinIssues({ name, enable, disable, constraints }: BuiltinOptions): OptionIssue[] {
  return [
    ...nameIssues(name),
    ...writeIssues('enable', enable),
    ...writeIssues('disable', disable ?? []),
    ...constraintIssues(constraints ?? {}),
  ];
}

function nameIssues(name: string): OptionIssue[] {
  if (typeof name === 'string' && NAME.test(name)) return [];
  const allowed = 'a letter, then letters, digits and _ . - (64 in all)';
  return [{ option: 'name', value: JSON.stringify(name) ?? String(name), allowed, example: `name: 'scx_mine'` }];
}

function fileNameIssues(discover: string): OptionIssue[] {
  if (typeof discover === 'string' && /^[^/\0]+$/.test(discover) && !/^\.\.?$/.test(discover)) return [];
  const allowed = 'a file name without a folder';
  return [{ option: 'discover', value: JSON.stringify(discover), allowed, example: `discover: 'scx_mine'` }];
}

function textIssues(option: string, text: string, example: string): OptionIssue[] {
  if (typeof text === 'string' && /^[^\0]+$/.test(text)) return [];
  return [
    { option, value: JSON.stringify(text), allowed: 'a text that is not empty', example: `${option}: ${example}` },
  ];
}

/** What is wrong with a list of arguments. A line of them in one string would reach the scheduler as one argument. */
export function argsIssues(option: string, args: readonly string[]): OptionIssue[] {
  const isList = Array.isArray(args) && args.every((arg) => typeof arg === 'string' && !arg.includes('\0'));
  if (isList) return [];
  const allowed = 'a list with one text per argument';
  return [{ option, value: JSON.stringify(args), allowed, example: `${option}: ['--slice-us', '5000']` }];
}

function allFlagIssues(flags: Readonly<Record<string, FlagData>>): OptionIssue[] {
  const faulty = Object.entries(flags).filter(
    ([, data]) => !Array.isArray(data?.args) || !Array.isArray(data.requires),
  );
  if (faulty.length === 0) {
    return [
      ...Object.entries(flags).flatMap(([name, { args }]) => argsIssues(`flags.${name}`, args)),
      ...flagIssues(flags),
    ];
  }
  return faulty.map(([name, data]) => ({
    option: `flags.${name}`,
    value: renderValue(data),
    allowed: 'what flag() returns',
    example: `${name}: flag(['--${name}'])`,
  }));
}

function configIssues(config: NonNullable<BinaryOptions['config']>): OptionIssue[] {
  const example = `config: { guestPath: '/run/my.json', text: '{}', args: ['--config', '{path}'] }`;
  const isPath = typeof config.guestPath === 'string' && /^(\/[^/\0]+)+$/.test(config.guestPath);
  const issues: OptionIssue[] = argsIssues('config.args', config.args);
  if (!isPath || /\/\.\.?(\/|$)/.test(config.guestPath))
    issues.push({
      option: 'config.guestPath',
      value: JSON.stringify(config.guestPath),
      allowed: 'a plain absolute path',
      example,
    });
  if (typeof config.text !== 'string')
    issues.push({ option: 'config.text', value: JSON.stringify(config.text), allowed: 'a text', example });
  if (issues.length === 0 && !config.args.some((arg) => arg.includes('{path}')))
    issues.push({
      option: 'config.args',
      value: JSON.stringify(config.args),
      allowed: 'a list in which {path} occurs',
      example,
    });
  return issues;
}

function cgroupIssues(parent: string): OptionIssue[] {
  const isPath = typeof parent === 'string' && /^(\/[\w.:@-]+)+$/.test(parent) && !/\/\.\.?(\/|$)/.test(parent);
  if (isPath) return [];
  const allowed = 'an absolute path below the root cgroup, of letters, digits and _ . : @ -';
  return [{ option: 'cgroupParent', value: JSON.stringify(parent), allowed, example: `cgroupParent: '/cells'` }];
}

function timeoutIssues(option: string, timeoutMs: number | undefined, maxMs: number): OptionIssue[] {
  if (timeoutMs === undefined || (Number.isInteger(timeoutMs) && timeoutMs >= 1 && timeoutMs <= maxMs)) return [];
  const allowed = `a whole number from 1 to ${maxMs}`;
  return [{ option, value: String(timeoutMs), allowed, example: `${option}: 30000` }];
}

function writeIssues(option: string, writes: readonly GuestWrite[]): OptionIssue[] {
  const isList =
    Array.isArray(writes) &&
    writes.every((write) => /^\/[^\0]+$/.test(String(write?.file)) && typeof write.text === 'string');
  if (isList) return [];
  const example = `${option}: [{ file: '/sys/kernel/debug/sched/features', text: 'NO_RUN_TO_PARITY' }]`;
  return [{ option, value: renderValue(writes), allowed: 'a list of { file, text }', example }];
}
