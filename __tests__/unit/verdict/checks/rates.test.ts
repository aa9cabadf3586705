import { describe, expect, test } from '@jest/globals';
import { checkIterationRate } from '../../../../src/verdict/checks/iteration-rate';
import { checkMigrationRatio } from '../../../../src/verdict/checks/migration-ratio';
import { checkWorkRate } from '../../../../src/verdict/checks/work-rate';
import { DEAD, evidence, MS } from '../reports';

describe('checkWorkRate()', () => {
  const workers = evidence({}, { workUnits: 500, cpuTimeNs: 250 * MS });

  test.each([{ thresholds: {} }, { thresholds: { minWorkRate: false as const } }])(
    'is off with $thresholds',
    ({ thresholds }) => {
      expect(checkWorkRate(evidence({ workUnits: 0 }), thresholds)).toEqual([]);
    },
  );

  test('passes when every worker reaches the floor', () => {
    expect(checkWorkRate(workers, { minWorkRate: 2000 })).toEqual([]);
  });

  test('fails for each worker below the floor', () => {
    expect(checkWorkRate(workers, { minWorkRate: 2000.5 })).toEqual([
      {
        kind: 'benchmark',
        outcome: 'fail',
        cgroup: 'a',
        message: 'worker 1 (pid 101, SpinWait) of cgroup "a" did 2000 work units per CPU second; minWorkRate is 2000.5',
      },
    ]);
  });

  test.each([
    { name: 'a worker used no CPU time', workers: evidence({ cpuTimeNs: 0 }) },
    { name: 'no worker completed', workers: evidence(DEAD) },
  ])('is inconclusive when $name', (row) => {
    expect(checkWorkRate(row.workers, { minWorkRate: 1 })).toEqual([
      expect.objectContaining({ kind: 'benchmark', outcome: 'inconclusive' }),
    ]);
  });
});

describe('checkIterationRate()', () => {
  const workers = evidence({}, { iterations: 50, wallTimeNs: 500 * MS });

  test.each([{ thresholds: {} }, { thresholds: { minIterationRate: false as const } }])(
    'is off with $thresholds',
    ({ thresholds }) => {
      expect(checkIterationRate(evidence({ iterations: 0 }), thresholds)).toEqual([]);
    },
  );

  test('passes when every worker reaches the floor', () => {
    expect(checkIterationRate(workers, { minIterationRate: 100 })).toEqual([]);
  });

  test('fails for each worker below the floor', () => {
    expect(checkIterationRate(workers, { minIterationRate: 101 })).toEqual([
      {
        kind: 'benchmark',
        outcome: 'fail',
        cgroup: 'a',
        message:
          'worker 1 (pid 101, SpinWait) of cgroup "a" did 100 iterations per wall second; minIterationRate is 101',
      },
    ]);
  });

  test.each([
    { name: 'a worker ran for no time', workers: evidence({ wallTimeNs: 0 }) },
    { name: 'no worker completed', workers: evidence(DEAD) },
  ])('is inconclusive when $name', (row) => {
    expect(checkIterationRate(row.workers, { minIterationRate: 1 })).toEqual([
      expect.objectContaining({ kind: 'benchmark', outcome: 'inconclusive' }),
    ]);
  });
});

describe('checkMigrationRatio()', () => {
  const workers = evidence({ migrationCount: 30, iterations: 100 }, { migrationCount: 0, iterations: 100 });

  test.each([{ thresholds: {} }, { thresholds: { maxMigrationRatio: false as const } }])(
    'is off with $thresholds',
    ({ thresholds }) => {
      expect(checkMigrationRatio(workers, thresholds)).toEqual([]);
    },
  );

  test('passes when the ratio of the cgroup is at the limit', () => {
    expect(checkMigrationRatio(workers, { maxMigrationRatio: 0.15 })).toEqual([]);
    expect(checkMigrationRatio(evidence({}), { maxMigrationRatio: 0 })).toEqual([]);
  });

  test('fails when the ratio of the cgroup is above the limit', () => {
    expect(checkMigrationRatio(workers, { maxMigrationRatio: 0.149 })).toEqual([
      {
        kind: 'migration',
        outcome: 'fail',
        cgroup: 'a',
        message:
          'the 2 workers of cgroup "a" were moved 30 times in 200 iterations, a ratio of 0.15; maxMigrationRatio is 0.149',
      },
    ]);
  });

  test.each([
    { name: 'there was no iteration', workers: evidence({ iterations: 0, migrationCount: 4 }) },
    { name: 'no worker completed', workers: evidence(DEAD) },
  ])('is inconclusive when $name', (row) => {
    expect(checkMigrationRatio(row.workers, { maxMigrationRatio: 1 })).toEqual([
      expect.objectContaining({ kind: 'migration', outcome: 'inconclusive' }),
    ]);
  });
});
