import { mean } from '../../stats/moments';
import type { JudgedSample } from './monitor-check';
import { deepestLocalDsq, eventTotal, growth, imbalance, longestWait, totalOf } from './quantities';
import {
  SCHEDSTAT_FIELDS,
  SCX_EVENTS,
  type CpuSample,
  type MonitorSample,
  type ProgramSample,
  type Schedstat,
  type ScxEvent,
} from './sample';
import { StandstillTracker, type Standstill } from './standstill';
import { balanceFigures, type BalanceFigures, dsqFigures, type DsqFigures } from './slow-figures';
import { type Metrics, watchedMetrics } from './watched-metrics';
import { SampleFeed, type MonitorFacts } from './sample-feed';

/** Figures of the time that is judged, as plain data. Null means that there was nothing to compute it from. */
export interface MonitorSummary {
  /** Samples that can be believed. */
  samples: number;
  /** Samples that could not be read or say what cannot be. */
  rejected: number;
  /** Run queues that changed under every attempt to read them; their figures are left out. */
  tornReadings: number;
  /** From the first sample to the last. */
  durationMs: number | null;
  /** Why nothing can be told from the samples. */
  problem: string | null;
  maxImbalance: number | null;
  avgImbalance: number | null;
  maxLocalDsqDepth: number | null;
  /** Over all CPUs and samples, as `avgNrRunning`. */
  avgLocalDsqDepth: number | null;
  avgNrRunning: number | null;
  /** Longest time that a task of sched_ext was runnable without being run; null while no scheduler of it is attached. */
  maxWaitMs: number | null;
  /** The longest stall of a run queue clock, however short. */
  stall: { cpu: number; lengthMs: number; lastSample: number } | null;
  /** How often events happened on all CPUs; of the counters that the kernel has. */
  events: Partial<Record<ScxEvent, { count: number; perSecond: number | null }>>;
  /** By how much the counters of all CPUs grew. */
  schedstat: Record<keyof Schedstat, number> | null;
  /** Time of all vCPUs together, as the host sees it. */
  vcpus: { cpuMs: number; runDelayMs: number | null } | null;
  /** Of the BPF programs that ran. */
  programs: { id: number; name: string; runs: number; timeNs: number; nsPerRun: number }[];
  /** Of the attached scheduler. */
  userDsqs: DsqFigures[];
  /** Of the kernel's own balancing, where it counts that (sysctl kernel.sched_schedstats). */
  balance: BalanceFigures[];
  /** Of what the test watches in the memory of its scheduler: `ops_label` of a count, `ops_label_avg` and `ops_label_max` of a level. */
  metrics: Metrics;
}

/** What the samples of the judged time come to. */
export function summarize(all: readonly MonitorSample[], facts: MonitorFacts): MonitorSummary {
  const feed = new SampleFeed(facts);
  const judged = all.map((sample) => feed.push(sample));
  const samples = judged.flatMap((now) => now?.sample ?? []);
  const durationMs = durationOf(samples);
  return {
    samples: samples.length,
    rejected: feed.rejected,
    tornReadings: samples.reduce((sum, { cpus }) => sum + cpus.filter(({ consistent }) => !consistent).length, 0),
    durationMs,
    problem: feed.problem,
    ...levels(samples),
    stall: longestStall(judged, facts),
    events: events(samples, durationMs),
    schedstat: schedstat(samples),
    vcpus: vcpus(samples),
    programs: programs(samples),
    userDsqs: dsqFigures(samples),
    balance: balanceFigures(samples),
    metrics: watchedMetrics(samples, facts.watched),
  };
}

function durationOf(samples: readonly MonitorSample[]): number | null {
  const first = samples.at(0);
  const last = samples.at(-1);
  return first === undefined || last === undefined ? null : Number(last.hostNs - first.hostNs) / 1e6;
}

type Levels = Pick<
  MonitorSummary,
  'maxImbalance' | 'avgImbalance' | 'maxLocalDsqDepth' | 'avgLocalDsqDepth' | 'avgNrRunning' | 'maxWaitMs'
>;

function levels(samples: readonly MonitorSample[]): Levels {
  const imbalances = samples.map(imbalance);
  const cpus = samples.flatMap((sample) => sample.cpus.filter(({ consistent }) => consistent));
  return {
    maxImbalance: highest(imbalances),
    avgImbalance: mean(imbalances),
    maxLocalDsqDepth: highest(samples.flatMap((sample) => deepestLocalDsq(sample)?.value ?? [])),
    avgLocalDsqDepth: mean(cpus.flatMap(({ localDsqDepth }) => localDsqDepth ?? [])),
    avgNrRunning: mean(cpus.map(({ nrRunning }) => nrRunning)),
    maxWaitMs: highest(samples.flatMap((sample) => longestWait(sample)?.ms ?? [])),
  };
}

/** Not by `Math.max`, which takes no list of any length. */
function highest(values: readonly number[]): number | null {
  return values.reduce<number | null>((most, value) => (most === null || value > most ? value : most), null);
}

function longestStall(judged: readonly (JudgedSample | null)[], { hz }: MonitorFacts): MonitorSummary['stall'] {
  const tracker = new StandstillTracker(hz);
  let longest: Standstill | null = null;
  for (const now of judged) {
    if (now === null) tracker.reset();
    else
      for (const stall of tracker.push(now)) {
        if (longest === null || stall.elapsedNs > longest.elapsedNs) longest = stall;
      }
  }
  if (longest === null) return null;
  return { cpu: longest.cpu, lengthMs: Number(longest.elapsedNs) / 1e6, lastSample: longest.last.index };
}

function events(samples: readonly MonitorSample[], durationMs: number | null): MonitorSummary['events'] {
  const counted = SCX_EVENTS.flatMap((event) => {
    const count = growth(samples.map((sample) => eventTotal(sample, event)));
    if (count === null) return [];
    const perSecond = durationMs === null || durationMs === 0 ? null : (count * 1000) / durationMs;
    return [[event, { count, perSecond }] as const];
  });
  return Object.fromEntries(counted);
}

function schedstat(samples: readonly MonitorSample[]): MonitorSummary['schedstat'] {
  const grown = SCHEDSTAT_FIELDS.map((field) => [field, grownBy(samples, (cpu) => cpu.schedstat?.[field])] as const);
  if (grown.some(([, by]) => by === null)) return null;
  // All fields are there, because the list of them is what the type is made of.
  return Object.fromEntries(grown) as Record<keyof Schedstat, number>;
}

function vcpus(samples: readonly MonitorSample[]): MonitorSummary['vcpus'] {
  const cpuNs = grownBy(samples, (cpu) => cpu.vcpuCpuNs);
  const runDelayNs = grownBy(samples, (cpu) => cpu.vcpuRunDelayNs);
  return cpuNs === null ? null : { cpuMs: cpuNs / 1e6, runDelayMs: runDelayNs === null ? null : runDelayNs / 1e6 };
}

function grownBy(
  samples: readonly MonitorSample[],
  counter: (cpu: CpuSample) => bigint | null | undefined,
): number | null {
  return growth(samples.map((sample) => totalOf(sample, counter)));
}

function programs(samples: readonly MonitorSample[]): MonitorSummary['programs'] {
  const readings = new Map<number, ProgramSample[]>();
  for (const program of samples.flatMap((sample) => sample.programs)) {
    const known = readings.get(program.id);
    if (known === undefined) readings.set(program.id, [program]);
    else known.push(program);
  }
  return [...readings].flatMap(([id, own]) => {
    const runs = growth(own.map(({ runCount }) => runCount)) ?? 0;
    const timeNs = growth(own.map(({ runNs }) => runNs)) ?? 0;
    return runs === 0 ? [] : [{ id, name: own[0]?.name ?? '', runs, timeNs, nsPerRun: timeNs / runs }];
  });
}
