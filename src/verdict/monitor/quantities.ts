import type { CpuSample, LongestWait, MonitorSample, ScxEvent } from './sample';

/** A figure of one CPU. */
export interface CpuFigure {
  cpu: number;
  value: number;
}

/** The longest and the shortest run queue; of equals the one of the lowest CPU. Null when no CPU could be read. */
export function runQueueExtremes({ cpus }: MonitorSample): { longest: CpuFigure; shortest: CpuFigure } | null {
  let longest: CpuFigure | null = null;
  let shortest: CpuFigure | null = null;
  for (const [cpu, { nrRunning: value, consistent }] of cpus.entries()) {
    // A figure kept from the sample before would be counted twice.
    if (!consistent) continue;
    if (longest === null || value > longest.value) longest = { cpu, value };
    if (shortest === null || value < shortest.value) shortest = { cpu, value };
  }
  return longest === null || shortest === null ? null : { longest, shortest };
}

/** Tasks on the longest run queue per task on the shortest, which counts as one when it is empty; 1 when no CPU could be read. */
export function imbalance(sample: MonitorSample): number {
  const extremes = runQueueExtremes(sample);
  return extremes === null ? 1 : extremes.longest.value / Math.max(1, extremes.shortest.value);
}

/** The local DSQ with most tasks; of equals the one of the lowest CPU. Null when none could be read. */
export function deepestLocalDsq({ cpus }: MonitorSample): CpuFigure | null {
  let deepest: CpuFigure | null = null;
  for (const [cpu, { localDsqDepth: value, consistent }] of cpus.entries()) {
    if (value !== null && consistent && (deepest === null || value > deepest.value)) deepest = { cpu, value };
  }
  return deepest;
}

/** The task that has waited longest for a CPU; null while no scheduler of sched_ext is attached. */
export function longestWait({ cpus, scx }: MonitorSample): (LongestWait & { cpu: number }) | null {
  if (scx?.state !== 'ENABLED') return null;
  let longest: (LongestWait & { cpu: number }) | null = null;
  for (const [cpu, { longestWait: wait, consistent }] of cpus.entries()) {
    if (wait !== null && consistent && (longest === null || wait.ms > longest.ms)) longest = { ...wait, cpu };
  }
  return longest;
}

/** A counter over all CPUs; null when a CPU does not have it, for a sum over the others would jump when it comes back. */
export function totalOf(
  { cpus }: MonitorSample,
  counter: (cpu: CpuSample) => bigint | null | undefined,
): bigint | null {
  let total = 0n;
  for (const cpu of cpus) {
    const value = counter(cpu) ?? null;
    if (value === null) return null;
    total += value;
  }
  return cpus.length === 0 ? null : total;
}

/** How often an event happened on all CPUs. */
export function eventTotal(sample: MonitorSample, event: ScxEvent): bigint | null {
  return totalOf(sample, (cpu) => cpu.events?.[event]);
}

/**
 * Events per second from one sample to the next. Never below 0: counters start again with another scheduler. Null when the samples lie at
 * one moment or a counter is missing.
 */
export function eventRate(previous: MonitorSample, sample: MonitorSample, event: ScxEvent): number | null {
  const intervalNs = sample.hostNs - previous.hostNs;
  const before = eventTotal(previous, event);
  const after = eventTotal(sample, event);
  if (intervalNs <= 0n || before === null || after === null) return null;
  return after > before ? (Number(after - before) * 1e9) / Number(intervalNs) : 0;
}

/** By how much a counter grew, over its restarts and over samples that lack it; null when no two samples have it. */
export function growth(values: Iterable<bigint | null>): number | null {
  let previous: bigint | null = null;
  let grown: bigint | null = null;
  for (const value of values) {
    if (value === null) continue;
    if (previous !== null) grown = (grown ?? 0n) + (value > previous ? value - previous : 0n);
    previous = value;
  }
  return grown === null ? null : Number(grown);
}
