import { describe, expect, test } from '@jest/globals';

import type { WatchedValue, WatchKind } from '../../../../src/verdict/monitor/bpf-settings';
import { watchedMetrics } from '../../../../src/verdict/monitor/watched-metrics';
import { sample } from './samples';

function metricsOf(kind: WatchKind, values: readonly (WatchedValue | undefined)[]): Record<string, number> {
  const samples = values.map((value, index) =>
    sample(index * 10, [{}], { watched: value === undefined ? {} : { mine_x: value } }),
  );
  return watchedMetrics(samples, new Map([['mine_x', kind]]));
}

describe('watchedMetrics()', () => {
  test.each<{ name: string; kind: WatchKind; values: (WatchedValue | undefined)[]; metrics: Record<string, number> }>([
    { name: 'a level', kind: 'gauge', values: [1n, 2n, -6n], metrics: { mine_x_avg: -1, mine_x_max: 2 } },
    {
      name: 'a level that was not read once',
      kind: 'gauge',
      values: [1n, undefined, 3n],
      metrics: { mine_x_avg: 2, mine_x_max: 3 },
    },
    { name: 'a count', kind: 'counter', values: [5n, 7n, 12n], metrics: { mine_x: 7 } },
    { name: 'a count that starts again', kind: 'counter', values: [5n, 7n, undefined, 1n, 4n], metrics: { mine_x: 5 } },
    {
      name: 'levels of CPUs',
      kind: 'perCpu',
      values: [
        [1n, 3n],
        [2n, 10n],
      ],
      metrics: { mine_x_avg: 4, mine_x_max: 10 },
    },
    {
      name: 'counts of CPUs',
      kind: 'perCpuCounter',
      values: [
        [1n, 3n],
        [2n, 10n],
      ],
      metrics: { mine_x: 8, mine_x_avg: 4, mine_x_max: 7 },
    },
    { name: 'nothing of what was never read', kind: 'gauge', values: [undefined], metrics: {} },
    { name: 'nothing of a count that was read once', kind: 'counter', values: [5n], metrics: {} },
  ])('tells $name', ({ kind, values, metrics }) => {
    expect(metricsOf(kind, values)).toEqual(metrics);
  });
});
