import { describe, expect, test } from '@jest/globals';

import type { TestOptions } from '../../../../src/spec/declare/options';
import { resolveOptions } from '../../../../src/spec/declare/resolve';
import { flag } from '../../../../src/spec/scheduler/flag';
import { Scheduler } from '../../../../src/spec/scheduler/scheduler';
import { issuesOf, specOf } from './resolved';

const SCHED = Scheduler.binary({
  name: 'scx_mine',
  args: ['--own'],
  flags: { llc: flag(['--llc']), steal: flag(['--steal'], { requires: ['llc'] }) },
  topology: { llcs: 2, cores: 2 },
  constraints: { minLlcs: 2, maxCpus: 8 },
  assert: { maxGapMs: 500 },
  sysctls: { 'kernel.sched_schedstats': 1 },
  kernelArgs: ['preempt=full'],
  includeFiles: ['./data.bin'],
});

function refusals(options: TestOptions) {
  return issuesOf(options).map(({ option, value }) => `${option}=${value}`);
}

describe('resolveOptions() with a scheduler', () => {
  test('takes what the scheduler brings, under what the test says', () => {
    const spec = specOf({ scheduler: SCHED, cores: 3, maxGapMs: 900, kernelArgs: ['quiet'] });
    expect(spec).toMatchObject({
      topology: { numaNodes: 1, llcs: 2, cores: 3, threads: 1 },
      thresholds: { maxGapMs: 900 },
      sysctls: { 'kernel.sched_schedstats': '1' },
      kernelArgs: ['preempt=full', 'quiet'],
      includeFiles: ['./data.bin'],
      scheduler: { kind: 'binary', name: 'scx_mine', args: ['--own'] },
    });
  });

  test('takes what its scheduler asks of the monitor, field by field under what the test asks', () => {
    const watched = Scheduler.binary({
      name: 'scx_watched',
      assert: { monitor: { failOnStall: true, maxLocalDsqDepth: 9 } },
      monitor: { maxImbalanceRatio: 4, maxLocalDsqDepth: 10 },
    });
    const builtin = Scheduler.kernelBuiltin({ name: 'b', enable: [], monitor: { periodMs: 5 } });
    const asked = { maxImbalanceRatio: false, sustainedSamples: 7 } as const;
    expect(specOf({ scheduler: watched, monitor: asked }).monitor).toEqual({
      ...{ periodMs: 10, failOnStall: true, maxLocalDsqDepth: 10, maxImbalanceRatio: false, sustainedSamples: 7 },
    });
    expect(specOf({ scheduler: builtin }).monitor).toEqual({ periodMs: 5, sustainedSamples: 5 });
    expect(specOf({ scheduler: watched.variant('scx_other') }).monitor.maxImbalanceRatio).toBe(4);
  });

  test('joins the values that its scheduler and the test watch', () => {
    const [own, more] = [
      { variable: 'nr', as: 'counter', label: 'nr' },
      { map: '.bss', field: 'depth', as: 'gauge', label: 'depth' },
    ] as const;
    const watched = Scheduler.binary({ name: 'scx_watched', watchBpfMaps: [own] });
    expect(specOf({ scheduler: watched, watchBpfMaps: [more] }).watchBpfMaps).toEqual([own, more]);
    expect(issuesOf({ scheduler: watched, watchBpfMaps: [own] })).toMatchObject([
      { option: 'watchBpfMaps', allowed: 'labels that differ' },
    ]);
  });

  test('takes one write into its memory, or a list of them', () => {
    const one = { variable: 'stall', value: 1n };
    expect(specOf({ scheduler: SCHED, bpfMapWrite: one }).bpfMapWrite).toEqual([one]);
    const bytes = { map: '.bss', offset: 8, value: 1 };
    const writes = specOf({ scheduler: SCHED, bpfMapWrite: [one, bytes] }).bpfMapWrite;
    expect(writes).toEqual([one, { ...bytes, bytes: 4 }]);
  });

  test('switches flags on with those that they require, in order of declaration', () => {
    const { scheduler } = specOf({ scheduler: SCHED, requiredFlags: ['steal'], schedulerArgs: ['-v'] });
    expect(scheduler).toMatchObject({ args: ['--own', '-v', '--llc', '--steal'] });
  });

  test.each<{ name: string; options: TestOptions; refused: string[] }>([
    { name: 'a shape outside of its constraints', options: { scheduler: SCHED, llcs: 1 }, refused: ['llcs=1'] },
    { name: 'too many CPUs for it', options: { scheduler: SCHED, cores: 5 }, refused: ['CPUs=10'] },
    {
      name: 'a flag that it does not declare',
      options: { scheduler: SCHED as Scheduler, flags: ['lcl'] },
      refused: ['flags="lcl"'],
    },
    {
      name: 'a flag whose requirement is excluded',
      options: { scheduler: SCHED, flags: ['steal'], excludedFlags: ['llc'] },
      refused: ['excludedFlags="llc"'],
    },
    { name: 'arguments without a program', options: { schedulerArgs: ['-v'] }, refused: ['schedulerArgs=["-v"]'] },
    {
      name: 'a configuration where none is declared',
      options: { scheduler: SCHED, schedulerConfig: '{}' },
      refused: ['schedulerConfig="{}"'],
    },
    {
      name: 'values of a scheduler that there is not',
      options: { watchBpfMaps: [{ variable: 'nr', as: 'gauge', label: 'nr' }] },
      refused: ['watchBpfMaps=[{"variable":"nr","as":"gauge","label":"nr"}]'],
    },
    {
      name: 'writes into a scheduler that there is not',
      options: { bpfMapWrite: { variable: 'stall', value: 1 } },
      refused: ['bpfMapWrite={"variable":"stall","value":1}'],
    },
    {
      name: 'two schedulers of one name',
      options: { scheduler: SCHED, stagedSchedulers: [SCHED] },
      refused: ['stagedSchedulers="scx_mine"'],
    },
    {
      name: 'a staged scheduler that is no program',
      options: { stagedSchedulers: [Scheduler.eevdf()] },
      refused: ['stagedSchedulers=eevdf'],
    },
    { name: 'what is no scheduler', options: { scheduler: 'scx_mine' as never }, refused: ['scheduler="scx_mine"'] },
    {
      name: 'a monitor that is not possible',
      options: { scheduler: Scheduler.binary({ name: 'a', monitor: { periodMs: 0 } }) },
      refused: ['monitor.periodMs=0'],
    },
    {
      name: 'thresholds that are not possible',
      options: { scheduler: Scheduler.binary({ name: 'a', assert: { maxGapMs: -1 } }) },
      refused: ['maxGapMs=-1'],
    },
    {
      name: 'a scheduler on the host',
      options: { scheduler: SCHED, hostOnly: true },
      refused: expect.arrayContaining([expect.stringContaining('scheduler=')]) as never,
    },
  ])('refuses $name', ({ options, refused }) => {
    expect(refusals(options)).toEqual(refused);
  });

  test('suggests the flag that was meant', () => {
    const result = resolveOptions({ scheduler: SCHED as Scheduler, flags: ['stael'] });
    expect('issues' in result && result.issues[0]?.allowed).toMatch(/did you mean steal/);
  });
});
