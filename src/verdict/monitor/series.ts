import { deepestLocalDsq, imbalance, longestWait, runQueueExtremes } from './quantities';
import type { MonitorSample } from './sample';

/** A figure over the samples, for reading. */
export interface Series {
  name: string;
  /** One per sample; null where there is none. */
  values: (number | null)[];
  /** How several samples become one column: a peak must stay to be seen, a share must not become its peak. */
  fold: 'max' | 'mean';
  /** What the lowest and the highest column stand for; without `top`, the highest value. */
  bottom: number;
  top?: number;
  /** Written behind a figure. */
  unit?: '%' | ' ms';
}

/**
 * The figures of a run that are worth a look: tasks on the run queues of each LLC, the deepest local DSQ, all user DSQs, the imbalance, the
 * longest wait and the share of CPUs without a task. Those without a single value are left out.
 *
 * @param llcs the CPUs of each LLC
 */
export function monitorSeries(samples: readonly MonitorSample[], llcs: readonly (readonly number[])[]): Series[] {
  const over = (figure: (sample: MonitorSample) => number | null): (number | null)[] =>
    samples.map((sample) => (sample.valid ? figure(sample) : null));
  const all: Series[] = [
    ...llcs.map((cpus, llc) => ({
      name: `tasks LLC ${llc}`,
      values: over((sample) => tasksOn(sample, cpus)),
      fold: 'max' as const,
      bottom: 0,
    })),
    { name: 'local DSQ', values: over((sample) => deepestLocalDsq(sample)?.value ?? null), fold: 'max', bottom: 0 },
    { name: 'user DSQs', values: held(samples, userDsqDepth), fold: 'max', bottom: 0 },
    {
      name: 'imbalance',
      values: over((sample) => (runQueueExtremes(sample) === null ? null : imbalance(sample))),
      fold: 'max',
      bottom: 1,
    },
    { name: 'wait', values: over((sample) => longestWait(sample)?.ms ?? null), fold: 'max', bottom: 0, unit: ' ms' },
    { name: 'idle CPUs', values: over(idlePct), fold: 'mean', bottom: 0, top: 100, unit: '%' },
  ];
  return all.filter(({ values }) => values.some((value) => value !== null));
}

/** What is read less often than the rest stands until it is read again. */
function held(samples: readonly MonitorSample[], figure: (sample: MonitorSample) => number | null): (number | null)[] {
  let last: number | null = null;
  return samples.map((sample) => (sample.valid ? (last = figure(sample) ?? last) : null));
}

function tasksOn({ cpus }: MonitorSample, numbers: readonly number[]): number | null {
  const readable = numbers.flatMap((number) => cpus[number] ?? []).filter(({ consistent }) => consistent);
  return readable.length === 0 ? null : readable.reduce((sum, { nrRunning }) => sum + nrRunning, 0);
}

function userDsqDepth({ scx }: MonitorSample): number | null {
  return scx?.userDsqs?.reduce((sum, { depth }) => sum + depth, 0) ?? null;
}

function idlePct({ cpus }: MonitorSample): number | null {
  const readable = cpus.filter(({ consistent }) => consistent);
  if (readable.length === 0) return null;
  return (readable.filter(({ nrRunning }) => nrRunning === 0).length / readable.length) * 100;
}
