import { expect, test } from '@jest/globals';

import { renderMonitorFacts } from '../../../../src/verdict/monitor/render-facts';
import type { BalanceStats, DomainSample, MonitorSample } from '../../../../src/verdict/monitor/sample';
import { balanceFigures, dsqFigures } from '../../../../src/verdict/monitor/slow-figures';
import { summarize } from '../../../../src/verdict/monitor/monitor-summary';
import { sample } from './samples';

const NO_BALANCE: BalanceStats = {
  ...{ count: 0, failed: 0, balanced: 0, gained: 0, hotGained: 0, nobusyg: 0, nobusyq: 0 },
  ...{ imbalance: 0, imbalanceLoad: null, imbalanceUtil: null, imbalanceTask: null, imbalanceMisfit: null },
};
const NONE = { count: 0, balanced: 0, pushed: 0 };

function domain(name: string, idle: readonly Partial<BalanceStats>[]): DomainSample {
  return {
    ...{ level: 0, name, flags: 1, spanWeight: 2, balanceInterval: 8, nrBalanceFailed: 0, maxNewidleLbCostNs: 5n },
    newidle: null,
    stats: {
      balance: idle.map((changes) => ({ ...NO_BALANCE, ...changes })),
      ...{ alb: { count: 0, failed: 0, pushed: 0 }, sbe: NONE, sbf: NONE },
      ...{ ttwuWakeRemote: 0, ttwuMoveAffine: 0, ttwuMoveBalance: 0 },
    },
  };
}

/** Two CPUs with the same domains; every second sample has no reading. */
function balancing(failed: number): MonitorSample[] {
  const domains = (at: number): DomainSample[] => [
    domain('SMT', [{ count: 5 + at }]),
    domain('PKG', [
      { count: 10 + at, failed: at === 0 ? 0 : failed },
      { count: at, gained: 3 * at },
    ]),
  ];
  return [0, 10, 20].map((atMs) =>
    sample(
      atMs,
      [{}, {}].map(() => (atMs === 10 ? {} : { domains: domains(atMs / 20) })),
    ),
  );
}

test('balanceFigures() adds up by how much the counters of all CPUs and idle types grew, by domain', () => {
  expect(balanceFigures(balancing(4))).toEqual([
    { domain: 'SMT', count: 2, failed: 0, gained: 0 },
    { domain: 'PKG', count: 4, failed: 8, gained: 6 },
  ]);
  expect(balanceFigures(balancing(4).slice(0, 2))).toEqual([]);
});

test('dsqFigures() tells of each DSQ, by rising id, over the samples that have it', () => {
  const at = (depths: Record<number, number> | null): MonitorSample => {
    const userDsqs = depths && Object.entries(depths).map(([id, depth]) => ({ id: BigInt(id), depth }));
    return sample(0, [{}], { scx: { state: 'ENABLED', opsName: 'mine', exitKind: 0, userDsqs } });
  };
  expect(dsqFigures([at({ 65536: 1, 2: 4 }), at(null), at({ 65536: 2 })])).toEqual([
    { id: '0x2', maxDepth: 4, avgDepth: 4 },
    { id: '0x10000', maxDepth: 2, avgDepth: 1.5 },
  ]);
});

test('renderMonitorFacts() tells what happened, and nothing of what did not', () => {
  const quiet = summarize([sample(0, [{}]), sample(10, [{}])], { hz: 250 });
  expect(renderMonitorFacts(quiet)).toEqual([]);
  const busy = {
    ...quiet,
    events: {
      select_cpu_fallback: { count: 12, perSecond: 3.44 },
      dispatch_keep_last: { count: 0, perSecond: 0 },
      enq_skip_exiting: { count: 1, perSecond: null },
    },
    userDsqs: [
      { id: '0x0', maxDepth: 0, avgDepth: 0 },
      { id: '0x10000', maxDepth: 5, avgDepth: 1.25 },
    ],
    balance: [
      { domain: 'SMT', count: 9, failed: 0, gained: 1 },
      { domain: 'PKG', count: 40, failed: 12, gained: 3 },
    ],
    programs: [1, 4, 3, 2].map((part) => ({
      id: part,
      name: `p${part}`,
      runs: 10,
      timeNs: part * 100,
      nsPerRun: part * 10,
    })),
    metrics: { mine_depth_avg: 1 / 3, mine_moves: 7 },
  };
  expect(renderMonitorFacts(busy)).toEqual([
    'event select_cpu_fallback: 12, 3.4 per second',
    'event enq_skip_exiting: 1',
    'DSQ 0x10000: at most 5 queued, on average 1.3',
    'balancing of PKG: 12 of 40 failed, 3 tasks pulled',
    'program p4: 10 runs of 40 ns',
    'program p3: 10 runs of 30 ns',
    'program p2: 10 runs of 20 ns',
    'mine_depth_avg: 0.33',
    'mine_moves: 7',
  ]);
});
