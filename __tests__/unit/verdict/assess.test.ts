import { expect, test } from '@jest/globals';
import { assess } from '../../../src/verdict/assess';
import type { Thresholds } from '../../../src/verdict/thresholds';
import { DEAD, evidence } from './reports';

const EVERYTHING: Thresholds = {
  notStuck: true,
  isolation: true,
  maxGapMs: 10,
  maxSpreadPct: 10,
  maxThroughputCv: 0.1,
  minWorkRate: 1,
  minIterationRate: 1,
  maxMigrationRatio: 0.1,
};

test.each<{ name: string; thresholds: Thresholds }>([
  { name: 'no check is on', thresholds: {} },
  { name: 'every check is on and holds', thresholds: EVERYTHING },
])('assess() passes when all workers worked and $name', ({ thresholds }) => {
  const a = evidence({}, {});
  const b = { ...evidence({ cgroup: 'b' }, { cgroup: 'b' }), cgroup: 'b' };
  const result = assess([a, b], thresholds);
  expect(result.outcome).toBe('pass');
  expect(result.details).toEqual([]);
  expect(result.stats.map((stats) => stats.cgroup)).toEqual(['a', 'b']);
  expect(result.workers).toEqual([...a.reports, ...b.reports]);
});

test.each<{ kind: string; thresholds: Thresholds; worker: Parameters<typeof evidence>[0] }>([
  { kind: 'worker-died', thresholds: {}, worker: DEAD },
  { kind: 'starved', thresholds: { notStuck: true, maxSpreadPct: false }, worker: { workUnits: 0 } },
  { kind: 'stuck', thresholds: { maxGapMs: 10 }, worker: { maxGapNs: 1e9 } },
  { kind: 'unfair', thresholds: { maxSpreadPct: 10 }, worker: { cpuTimeNs: 1 } },
  { kind: 'isolation', thresholds: { isolation: true }, worker: { cpusUsed: [2] } },
  { kind: 'benchmark', thresholds: { maxThroughputCv: 0.1 }, worker: { workUnits: 1 } },
  { kind: 'benchmark', thresholds: { minWorkRate: 10 }, worker: { workUnits: 1 } },
  { kind: 'benchmark', thresholds: { minIterationRate: 10 }, worker: { iterations: 1 } },
  { kind: 'migration', thresholds: { maxMigrationRatio: 0.1 }, worker: { migrationCount: 1000 } },
])('assess() fails with a detail of kind $kind when $thresholds is missed', ({ kind, thresholds, worker }) => {
  const result = assess([evidence({}, worker ?? {})], thresholds);
  expect(result.outcome).toBe('fail');
  expect(result.details).toEqual([expect.objectContaining({ kind, outcome: 'fail', cgroup: 'a' })]);
});

test('assess() fails when one check fails and another has no evidence', () => {
  const result = assess([evidence(DEAD)], { maxGapMs: 10 });
  expect(result.outcome).toBe('fail');
  expect(result.details.map((detail) => detail.outcome)).toEqual(['fail', 'inconclusive']);
});

test.each<{ name: string; workers: ReturnType<typeof evidence>[]; thresholds: Thresholds }>([
  { name: 'no cgroup ran', workers: [], thresholds: {} },
  { name: 'no cgroup ran and a check is on', workers: [], thresholds: { notStuck: true } },
  { name: 'one cgroup had no worker', workers: [evidence({}), evidence()], thresholds: {} },
  { name: 'one cgroup had no worker and a check is on', workers: [evidence({}), evidence()], thresholds: EVERYTHING },
  { name: 'a worker did no work and no check is on', workers: [evidence({}, { workUnits: 0 })], thresholds: {} },
  {
    name: 'a worker did no work and the only check is off',
    workers: [evidence({ workUnits: 0 })],
    thresholds: { isolation: false },
  },
  { name: 'a check is on and has no evidence', workers: [evidence({ cpuTimeNs: 0 })], thresholds: { minWorkRate: 1 } },
])('assess() is inconclusive and says why when $name', ({ workers, thresholds }) => {
  const result = assess(workers, thresholds);
  expect(result.outcome).toBe('inconclusive');
  expect(result.details).not.toEqual([]);
});

test('assess() passes a worker without work when notStuck is switched off', () => {
  expect(assess([evidence({ workUnits: 0 })], { notStuck: false }).outcome).toBe('pass');
});
