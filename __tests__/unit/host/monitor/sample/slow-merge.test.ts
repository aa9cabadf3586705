import { expect, test } from '@jest/globals';

import { SlowMerge, type SlowReading } from '../../../../../src/host/monitor/sample/slow-reader';
import type { DomainSample } from '../../../../../src/verdict/monitor/sample';
import { sample } from '../../../verdict/monitor/samples';

const DOMAIN: DomainSample = {
  ...{ level: 0, name: 'MC', flags: 1, spanWeight: 2, balanceInterval: 8, nrBalanceFailed: 0, maxNewidleLbCostNs: 5n },
  ...{ newidle: null, stats: null },
};
const PROGRAM = { id: 7, name: 'mine_enqueue', runCount: 3n, runNs: 900n, verifiedInsns: 12 };

const at = (atMs: number, changes: Partial<SlowReading> = {}): SlowReading => {
  const { hostNs: atNs } = sample(atMs, []);
  return { atNs, programs: [PROGRAM], userDsqs: [{ id: 1n, depth: atMs }], domains: [[DOMAIN], []], ...changes };
};

test('SlowMerge puts a reading into the first sample of its time or after it, and the last one where there are several', () => {
  const merge = new SlowMerge();
  for (const reading of [at(0), at(15), at(18)]) merge.add(reading);
  const merged = [0, 10, 20, 25].map((ms) => merge.apply(sample(ms, [{}, {}])));
  expect(merged.map(({ slowNs }) => slowNs)).toEqual([at(0).atNs, null, at(18).atNs, null]);
  expect(merged.map(({ scx }) => scx?.userDsqs?.[0]?.depth)).toEqual([0, undefined, 18, undefined]);
  expect(merged.map(({ programs }) => programs.length)).toEqual([1, 0, 1, 0]);
  expect(merged.map(({ cpus }) => cpus.map(({ domains }) => domains?.length))).toEqual([
    [1, 0],
    [undefined, undefined],
    [1, 0],
    [undefined, undefined],
  ]);
});

test('SlowMerge leaves out what was not there to be read', () => {
  const merge = new SlowMerge();
  merge.add(at(0, { programs: null, userDsqs: null, domains: null }));
  const plain = sample(0, [{}], { scx: null });
  expect(merge.apply(plain)).toEqual({ ...plain, slowNs: plain.hostNs });
});
