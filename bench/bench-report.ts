import { cpus, release, totalmem } from 'node:os';

import { quantile } from '../src/stats/quantile';

export interface Spread {
  median: number;
  min: number;
  max: number;
  n: number;
}

/** One figure, ours and where there is one a peer's, taken in turn in the same run. `ratio` is ours/peer, pair by pair. */
export interface BenchResult {
  name: string;
  unit: string;
  ours: Spread;
  peer?: Spread & { name: string };
  ratio?: { median: number; min: number; max: number };
  notes?: string;
}

/** The JSON file of a benchmark run. Later versions add results, not fields. */
export interface BenchReport {
  schema: 1;
  host: { cpu: string; cpus: number; memoryMib: number; kernel: string; node: string };
  results: BenchResult[];
}

export function spreadOf(values: readonly number[]): Spread {
  const at = (p: number): number => quantile(values, p) ?? Number.NaN;
  return { median: at(0.5), min: Math.min(...values), max: Math.max(...values), n: values.length };
}

/** Pairs must be in the order in which they were measured. */
export function ratioOf(ours: readonly number[], peer: readonly number[]): NonNullable<BenchResult['ratio']> {
  const { median, min, max } = spreadOf(ours.map((value, index) => value / (peer[index] ?? Number.NaN)));
  return { median, min, max };
}

/** Half the width of the notch of a box plot (McGill, Tukey and Larsen 1978): medians that are further apart differ at the level of 95 %. */
export function medianUncertainty(values: readonly number[]): number {
  const [low, high] = [quantile(values, 0.25) ?? Number.NaN, quantile(values, 0.75) ?? Number.NaN];
  return (1.57 * (high - low)) / Math.sqrt(values.length);
}

export function makeReport(results: BenchResult[]): BenchReport {
  const host = {
    cpu: cpus()[0]?.model ?? 'unknown',
    cpus: cpus().length,
    memoryMib: Math.round(totalmem() / 1024 / 1024),
    kernel: release(),
    node: process.version,
  };
  return { schema: 1, host, results };
}
