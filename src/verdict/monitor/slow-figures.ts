import { mean } from '../../stats/moments';
import { growth } from './quantities';
import type { BalanceStats, DomainSample, MonitorSample } from './sample';

/** A user DSQ over its readings. */
export interface DsqFigures {
  /** As `0x10000`. */
  id: string;
  maxDepth: number;
  avgDepth: number;
}

/** Load balancing in the domains of one name, on all CPUs, by how much it grew. */
export interface BalanceFigures {
  /** As the kernel names the level, e.g. `MC`. */
  domain: string;
  count: number;
  failed: number;
  /** Tasks that were pulled. */
  gained: number;
}

/** By rising id. */
export function dsqFigures(samples: readonly MonitorSample[]): DsqFigures[] {
  const depths = new Map<bigint, number[]>();
  for (const { id, depth } of samples.flatMap(({ scx }) => scx?.userDsqs ?? []))
    depths.set(id, [...(depths.get(id) ?? []), depth]);
  const ascending = [...depths].toSorted(([a], [b]) => (a < b ? -1 : 1));
  return ascending.map(([id, own]) => ({
    id: `0x${id.toString(16)}`,
    maxDepth: own.reduce((most, depth) => Math.max(most, depth)),
    avgDepth: mean(own) ?? 0,
  }));
}

/** From the smallest domain to the largest. */
export function balanceFigures(samples: readonly MonitorSample[]): BalanceFigures[] {
  const read = samples.map(({ cpus }) => cpus.flatMap(({ domains }) => domains ?? []));
  const names = [...new Set(read.flat().map(({ name }) => name))];
  return names.flatMap((domain) => {
    const own = read.map((domains) => domains.filter(({ name }) => name === domain)).filter(({ length }) => length > 0);
    const grown = (counter: (idle: BalanceStats) => number): number | null =>
      growth(own.map((domains) => BigInt(domains.reduce((sum, one) => sum + total(one, counter), 0))));
    const [count, failed, gained] = [
      grown((idle) => idle.count),
      grown((idle) => idle.failed),
      grown((idle) => idle.gained),
    ];
    if (count === null || failed === null || gained === null) return [];
    return [{ domain, count, failed, gained }];
  });
}

function total({ stats }: DomainSample, counter: (idle: BalanceStats) => number): number {
  return (stats?.balance ?? []).reduce((sum, idle) => sum + counter(idle), 0);
}
