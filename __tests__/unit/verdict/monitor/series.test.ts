import { describe, expect, test } from '@jest/globals';
import type { MonitorSample } from '../../../../src/verdict/monitor/sample';
import { monitorSeries } from '../../../../src/verdict/monitor/series';
import { sample } from './samples';

const LLCS = [
  [0, 1],
  [2, 3],
];

describe('monitorSeries()', () => {
  const valuesOf = (samples: MonitorSample[]) =>
    Object.fromEntries(monitorSeries(samples, LLCS).map(({ name, values }) => [name, values]));

  test('has tasks per LLC, the deepest local DSQ, all user DSQs, imbalance and idle share of each sample', () => {
    const userDsqs = [
      { id: 1n, depth: 3 },
      { id: 2n, depth: 4 },
    ];
    const scx = { state: 'SCX_ENABLED', opsName: 'mine', exitKind: 0, userDsqs };
    const cpus = [{ nrRunning: 3 }, { nrRunning: 1, localDsqDepth: 2 }, { nrRunning: 0 }, { nrRunning: 2 }];
    expect(valuesOf([sample(0, cpus, { scx }), sample(10, cpus, { valid: false })])).toEqual({
      'tasks LLC 0': [4, null],
      'tasks LLC 1': [2, null],
      'local DSQ': [2, null],
      'user DSQs': [7, null],
      imbalance: [3, null],
      'idle CPUs': [25, null],
    });
  });

  test('takes the depth of user DSQs, which is read less often, for what it was until it is read again', () => {
    const scx = { state: 'ENABLED', opsName: 'mine', exitKind: 0, userDsqs: null };
    const depths = [null, 3, null, null, 1];
    const read = depths.map((depth, index) =>
      sample(index * 10, [{}], { scx: { ...scx, userDsqs: depth === null ? null : [{ id: 1n, depth }] } }),
    );
    expect(valuesOf(read)['user DSQs']).toEqual([null, 3, 3, 3, 1]);
  });

  test('leaves out what no sample has, and run queues that could not be read', () => {
    const cpus = [
      { consistent: false, nrRunning: 9, localDsqDepth: null },
      { localDsqDepth: null, nrRunning: 0 },
    ];
    expect(valuesOf([sample(0, cpus, { scx: null })])).toEqual({
      'tasks LLC 0': [0],
      imbalance: [0],
      'idle CPUs': [100],
    });
    expect(valuesOf([sample(0, [{ consistent: false }])])).toEqual({});
  });
});
