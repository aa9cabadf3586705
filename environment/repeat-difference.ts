import { diff } from 'jest-diff';

import type { RunResult } from '../src/verdict/run-result';

/** What of a run must repeat in virtual time: everything the guest measured, nothing the host did. */
function repeatable(result: RunResult): object {
  const { outcome, failure, details, stats, workers, errors, seed, image, schedulers } = result;
  const splats = result.splats.map(({ title }) => title);
  // A line each, as a text that says what has changed in a few of many.
  const samples = result.samples.map((sample) => JSON.stringify(sample, bigints));
  return { image, seed, outcome, failure, errors, details, stats, workers, schedulers, splats, samples };
}

function bigints(_: string, value: unknown): unknown {
  return typeof value === 'bigint' ? String(value) : value;
}

/** A text with the difference between the first run and the first that is not equal to it, or null when all are equal. */
export function repeatDifference(results: readonly RunResult[]): string | null {
  const [first, ...others] = results.map(repeatable);
  const expected = JSON.stringify(first);
  const index = others.findIndex((other) => JSON.stringify(other) !== expected);
  if (index === -1) return null;
  const run = index + 2;
  const options = { aAnnotation: 'run 1', bAnnotation: `run ${run}`, contextLines: 2, expand: false };
  return [
    `run ${run} of ${results.length} differs from run 1, though both had the same image, machine and seed in virtual time:`,
    diff(first, others[index], options) ?? '',
  ].join('\n');
}
