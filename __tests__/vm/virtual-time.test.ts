import { expect, jest, test } from '@jest/globals';
import { cpus } from 'node:os';
import { Worker } from 'node:worker_threads';

import { MACHINE_TIMEOUT_MS, planBody, runPlanned } from './inline-test';

jest.setTimeout(6 * MACHINE_TIMEOUT_MS);

const TWO_CGROUPS = `return executeDefs(ctx, [CgroupDef.named('cg_0').workers(4), CgroupDef.named('cg_1').workers(4)]);`;

test('runs in virtual time are equal on an idle and on a saturated host, and a seed perturbs them', async () => {
  const idle = await measure(1);
  const spinners = cpus().map(() => new Worker('for (;;);', { eval: true }));
  try {
    expect(await measure(1)).toEqual(idle);
  } finally {
    await Promise.all(spinners.map((spinner) => spinner.terminate()));
  }
  const other = await measure(2);
  expect(other).not.toEqual(idle);
  expect(other.image).toBe(idle.image);
  expect(await measure(2)).toEqual(other);
});

async function measure(seed: number): Promise<{ image: string; workers: unknown[] }> {
  const options = { machine: 'deterministic', llcs: 2, cores: 2, durationMs: 100, seed } as const;
  const { result } = await runPlanned(await planBody(TWO_CGROUPS, options));
  expect(result.outcome).toBe('pass');
  expect(result.workers).toHaveLength(8);
  const { image, workers, stats, details } = result;
  return { image, workers: [...workers, ...stats, ...details] };
}
