import { expect, test } from '@jest/globals';
import { cgroupStats } from '../../../src/verdict/stats';
import { deadReport, MS, report } from './reports';

test('cgroupStats() gives the figures of a cgroup', () => {
  const workers = [
    report({ wallTimeNs: 100 * MS, cpuTimeNs: 90 * MS, cpusUsed: [0, 1], migrationCount: 3, maxGapNs: 5 * MS }),
    report({ wallTimeNs: 100 * MS, cpuTimeNs: 60 * MS, cpusUsed: [1], maxGapNs: 7.5 * MS, maxGapCpu: 1 }),
    report({ wallTimeNs: 100 * MS, cpuTimeNs: 30 * MS, cpusUsed: [1], iterations: 7, workUnits: 10 }),
  ];
  expect(cgroupStats('a', workers)).toEqual({
    cgroup: 'a',
    workers: 3,
    cpus: 2,
    avgOffCpuPct: 40,
    minOffCpuPct: 10,
    maxOffCpuPct: 70,
    spreadPct: 60,
    maxGapMs: 7.5,
    maxGapCpu: 1,
    migrations: 3,
    iterations: 2007,
    workUnits: 2_048_010,
  });
});

test('cgroupStats() gives nulls when there is no worker', () => {
  expect(cgroupStats('a', [])).toEqual({
    cgroup: 'a',
    workers: 0,
    cpus: 0,
    avgOffCpuPct: null,
    minOffCpuPct: null,
    maxOffCpuPct: null,
    spreadPct: null,
    maxGapMs: 0,
    maxGapCpu: -1,
    migrations: 0,
    iterations: 0,
    workUnits: 0,
  });
});

test('cgroupStats() gives no spread when one worker has a wall time, and counts the others as workers', () => {
  const workers = [report(), report({ wallTimeNs: 0 }), deadReport({ kind: 'timed-out' })];
  expect(cgroupStats('a', workers)).toMatchObject({ workers: 3, avgOffCpuPct: 50, spreadPct: null });
});
