import { describe, expect, test } from '@jest/globals';

import { isHarnessError, type OptionIssue } from '../../../../src/errors';
import { flag } from '../../../../src/spec/scheduler/flag';
import { isScheduler, Scheduler, type BinaryOptions } from '../../../../src/spec/scheduler/scheduler';
import { applyUse, PLAIN_USE } from '../../../../src/spec/scheduler/scheduler-data';

function issuesOf(declare: () => unknown): OptionIssue[] {
  try {
    declare();
  } catch (error) {
    if (isHarnessError(error, 'options-invalid')) return [...error.fields.issues];
    throw error;
  }
  return [];
}

const FLAGS = {
  llc: flag(['--llc']),
  steal: flag(['--steal', '2'], { requires: ['llc'] }),
  rebal: flag(['--rebal'], { requires: ['steal'] }),
};

describe('Scheduler.binary()', () => {
  test('looks for a program of its own name, whose ops are named without scx_', () => {
    expect(Scheduler.binary({ name: 'scx_mine' }).toData()).toMatchObject({
      kind: 'binary',
      path: null,
      discover: 'scx_mine',
      ops: 'mine',
      attachTimeoutMs: 10_000,
      watchdogTimeoutMs: null,
    });
  });

  const refused: { name: string; options: Omit<BinaryOptions<string>, 'name'> & { name?: string }; option: string }[] =
    [
      { name: 'a name with a blank', options: { name: 'my sched' }, option: 'name' },
      { name: 'an empty path', options: { path: '' }, option: 'path' },
      { name: 'a file name with a folder', options: { discover: 'bin/x' }, option: 'discover' },
      { name: 'arguments in one text', options: { args: '--a --b' as unknown as string[] }, option: 'args' },
      { name: 'a flag that is no flag()', options: { flags: { x: ['--x'] as never } }, option: 'flags.x' },
      {
        name: 'an unknown requirement',
        options: { flags: { a: flag([], { requires: ['b'] }) } },
        option: 'flags.a.requires',
      },
      { name: 'the root as parent of cells', options: { cgroupParent: '/' }, option: 'cgroupParent' },
      { name: 'a parent of cells that climbs', options: { cgroupParent: '/a/../b' }, option: 'cgroupParent' },
      {
        name: 'a relative configuration file',
        options: { config: { guestPath: 'a', text: '', args: ['{path}'] } },
        option: 'config.guestPath',
      },
      {
        name: 'a configuration file nobody is told of',
        options: { config: { guestPath: '/a', text: '', args: ['-c'] } },
        option: 'config.args',
      },
      { name: 'no time to attach', options: { attachTimeoutMs: 0 }, option: 'attachTimeoutMs' },
      { name: 'a watchdog without patience', options: { watchdogTimeoutMs: 0 }, option: 'watchdogTimeoutMs' },
      {
        name: 'a watchdog more patient than the kernel allows',
        options: { watchdogTimeoutMs: 30_001 },
        option: 'watchdogTimeoutMs',
      },
      {
        name: 'constraints that exclude each other',
        options: { constraints: { minLlcs: 3, maxLlcs: 2 } },
        option: 'constraints.minLlcs',
      },
      {
        name: 'an unknown constraint',
        options: { constraints: { minLlc: 1 } as object },
        option: 'constraints.minLlc',
      },
    ];
  test.each(refused)('refuses $name', ({ options, option }) => {
    const issues = issuesOf(() => Scheduler.binary({ name: 'scx_mine', ...options }));
    expect(issues.map((issue) => issue.option)).toEqual([option]);
  });

  test('names a circle of requirements once, whole', () => {
    const flags = {
      a: flag([], { requires: ['b'] }),
      b: flag([], { requires: ['c'] }),
      c: flag([], { requires: ['a'] }),
      d: flag([], { requires: ['a'] }),
    };
    const [issue, ...others] = issuesOf(() => Scheduler.binary({ name: 'scx_mine', flags }));
    expect(others).toEqual([]);
    expect(issue?.value).toBe('a -> b -> c -> a');
  });

  test('accepts the names of its flags only, for the compiler', () => {
    const scheduler = Scheduler.binary({ name: 'scx_mine', flags: FLAGS });
    scheduler.profiles({ required: ['llc'] });
    // @ts-expect-error there is no such flag
    scheduler.profiles({ required: ['lcl'] });
    // @ts-expect-error the kernel's own scheduler has no flags
    Scheduler.eevdf().profiles({ required: ['llc'] });
  });
});

describe('Scheduler.profiles()', () => {
  const names = (filter: Parameters<Scheduler['profiles']>[0]) =>
    Scheduler.binary({ name: 'scx_mine', flags: FLAGS })
      .profiles(filter as never)
      .map((profile) => profile.name);

  test('are all sets of flags that hold what they require', () => {
    expect(names({})).toEqual(['default', 'llc', 'llc+steal', 'llc+steal+rebal']);
  });

  test('hold what is required and nothing that is excluded', () => {
    expect(names({ required: ['steal'] })).toEqual(['llc+steal', 'llc+steal+rebal']);
    expect(names({ excluded: ['steal'] })).toEqual(['default', 'llc']);
    expect(names({ required: ['steal'], excluded: ['llc'] })).toEqual([]);
  });
});

describe('applyUse()', () => {
  const scheduler = Scheduler.binary({
    name: 'scx_mine',
    args: ['--own', 'a b'],
    flags: FLAGS,
    config: { guestPath: '/run/mine.json', text: '{}', args: ['--config={path}'] },
  });

  test('puts the configuration first, then own arguments, those of the test, those of flags', () => {
    const use = { flags: ['llc', 'steal'], args: ['--test'], configText: '{"a":1}' };
    expect(applyUse(scheduler.toData(), use)).toMatchObject({
      args: ['--config=/run/mine.json', '--own', 'a b', '--test', '--llc', '--steal', '2'],
      config: { guestPath: '/run/mine.json', text: '{"a":1}' },
    });
  });

  test('leaves a declaration as it is without a use of its own', () => {
    expect(applyUse(scheduler.toData(), PLAIN_USE)).toMatchObject({ config: { text: '{}' } });
    expect(applyUse(Scheduler.eevdf().toData(), PLAIN_USE)).toEqual({ kind: 'eevdf', name: 'eevdf' });
  });
});

describe('Scheduler.variant()', () => {
  test('is the same program with another name and more arguments', () => {
    const scheduler = Scheduler.binary({ name: 'scx_mine', args: ['-a'], ops: 'mine' }).variant('slow', {
      args: ['-s'],
    });
    expect(scheduler.toData()).toMatchObject({ name: 'slow', discover: 'scx_mine', ops: 'mine', args: ['-a', '-s'] });
    expect(isScheduler(scheduler)).toBe(true);
  });
});

describe('Scheduler.kernelBuiltin()', () => {
  test('refuses a write without a file', () => {
    const enable = [{ text: 'x' }] as never;
    expect(issuesOf(() => Scheduler.kernelBuiltin({ name: 'x', enable })).map(({ option }) => option)).toEqual([
      'enable',
    ]);
  });
});
