import { mean } from '../../stats/moments';
import type { WatchKind, WatchedValue } from './bpf-settings';
import { growth } from './quantities';
import type { MonitorSample } from './sample';

/** Figures of a run by their names. */
export type Metrics = Record<string, number>;

/**
 * What comes of watched values: of a level its average and its maximum, as `name_avg` and `name_max`; of a count by how much it grew, as
 * `name`; of counts for each CPU that of all together, and the average and the maximum of one.
 */
export function watchedMetrics(
  samples: readonly MonitorSample[],
  kinds: ReadonlyMap<string, WatchKind> = new Map(),
): Metrics {
  const metrics = [...kinds].flatMap(([name, kind]) => {
    const values = samples.flatMap(({ watched }) => {
      const value = watched[name];
      return value === undefined ? [] : [value];
    });
    return kind === 'gauge' || kind === 'perCpu' ? levelMetrics(name, values) : countMetrics(name, values);
  });
  return Object.fromEntries(metrics);
}

type Named = [string, number];

function levelMetrics(name: string, values: readonly WatchedValue[]): Named[] {
  const numbers = values.flat().map(Number);
  const average = mean(numbers);
  if (average === null) return [];
  return [
    [`${name}_avg`, average],
    [`${name}_max`, highest(numbers)],
  ];
}

function countMetrics(name: string, values: readonly WatchedValue[]): Named[] {
  const lists = values.map((value) => [value].flat());
  const counts = (lists[0] ?? []).map((_, index) => lists.map((list) => list[index] ?? null));
  const grown = counts.map((one) => growth(one)).filter((by) => by !== null);
  const average = mean(grown);
  if (average === null) return [];
  const total: Named = [name, grown.reduce((sum, by) => sum + by, 0)];
  if (typeof values[0] === 'bigint') return [total];
  return [total, [`${name}_avg`, average], [`${name}_max`, highest(grown)]];
}

/** Not by `Math.max`, which takes no list of any length. */
function highest(values: readonly number[]): number {
  return values.reduce((most, value) => (value > most ? value : most), -Infinity);
}
