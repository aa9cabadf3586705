import { createHash } from 'node:crypto';
import { cpus } from 'node:os';
import { Worker } from 'node:worker_threads';

import { spreadOf, type BenchResult } from '../bench-report';
import { EIGHT_WORKERS, runFixture, specOf } from '../run-fixture';

const RUNS = 20;
const OTHER_SEED_RUNS = 2;

/**
 * Twenty runs of one test with eight workers on four CPUs in virtual time, every second of them with all host cores saturated: one distinct
 * result. Another seed gives another one, which repeats as well. @throws {Error} otherwise
 */
export async function virtualTime(progress: (text: string) => void): Promise<BenchResult[]> {
  const results = new Map<string, number>();
  const walls: number[] = [];
  for (let run = 1; run <= RUNS; run++) {
    const isBusy = run % 2 === 0;
    const { digest, wallTimeMs } = isBusy ? await withBusyHost(() => measure(1)) : await measure(1);
    results.set(digest, (results.get(digest) ?? 0) + 1);
    walls.push(wallTimeMs);
    progress(`run ${run} of ${RUNS}${isBusy ? ', host saturated' : ''}: ${digest}, ${results.size} distinct`);
  }
  const others = new Set<string>();
  for (let run = 1; run <= OTHER_SEED_RUNS; run++) others.add((await measure(2)).digest);
  if (results.size !== 1) throw new Error(`${RUNS} runs of one seed gave ${results.size} distinct results`);
  if (others.size !== 1)
    throw new Error(`${OTHER_SEED_RUNS} runs of another seed gave ${others.size} distinct results`);
  if (results.has([...others][0] ?? '')) throw new Error('two seeds gave the same result');
  const notes = `${RUNS} runs, half on a saturated host: 1 distinct result; another seed: another one, the same in ${OTHER_SEED_RUNS} of ${OTHER_SEED_RUNS} runs`;
  return [{ name: 'virtual-time', unit: 'ms', ours: spreadOf(walls), notes }];
}

async function measure(seed: number): Promise<{ digest: string; wallTimeMs: number }> {
  const spec = specOf({ machine: 'deterministic', llcs: 2, cores: 2, durationMs: 500, seed });
  const { result } = await runFixture(EIGHT_WORKERS, spec);
  const { outcome, details, stats, workers, image, wallTimeMs } = result;
  const text = JSON.stringify({ outcome, details, stats, workers, image });
  return { digest: createHash('sha256').update(text).digest('hex').slice(0, 16), wallTimeMs };
}

/** One spinning thread per host core, for as long as `run` takes. */
async function withBusyHost<T>(run: () => Promise<T>): Promise<T> {
  const spinners = cpus().map(() => new Worker('for (;;);', { eval: true }));
  try {
    return await run();
  } finally {
    await Promise.all(spinners.map((spinner) => spinner.terminate()));
  }
}
