import { expect, test } from '@jest/globals';
import { NEEDS_MACHINE } from '../../../../src/spec/declare/merge-options';
import type { TestOptions } from '../../../../src/spec/declare/options';
import { Scheduler } from '../../../../src/spec/scheduler/scheduler';
import { issuesOf, specOf } from './resolved';

const GIVEN: Required<Omit<TestOptions, 'hostOnly'>> = {
  numaNodes: 1,
  llcs: 1,
  cores: 1,
  threads: 1,
  memoryMib: 512,
  durationMs: 1,
  workersPerCgroup: 1,
  machine: 'auto',
  seed: 1,
  repeat: 2,
  scheduler: Scheduler.eevdf(),
  stagedSchedulers: [],
  flags: [],
  requiredFlags: [],
  excludedFlags: [],
  schedulerArgs: [],
  schedulerConfig: '',
  kernel: '6.12',
  kernelArgs: [],
  sysctls: {},
  timeoutMs: 100,
  expectFailure: 'stuck',
  allowInconclusive: true,
  verbose: true,
  consoleAllow: [],
  includeFiles: [],
  after: () => undefined,
  notStuck: true,
  isolation: true,
  maxGapMs: 1,
  maxSpreadPct: 1,
  maxThroughputCv: 1,
  minWorkRate: 1,
  minIterationRate: 1,
  maxMigrationRatio: 1,
  monitor: {},
  bpfMapWrite: [],
  watchBpfMaps: [],
};

test.each(Object.entries(GIVEN))('resolveOptions() judges whether %s contradicts hostOnly', (name, value) => {
  const refused = issuesOf({ hostOnly: true, [name]: value }).map((issue) => issue.option);
  expect(refused).toEqual(NEEDS_MACHINE[name as keyof TestOptions] ? [name] : []);
});

test('resolveOptions() takes machine options when hostOnly is false', () => {
  expect(specOf({ hostOnly: false, llcs: 2, repeat: 2 }).repeat).toBe(2);
});
