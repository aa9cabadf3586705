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

test('random numbers are there as soon as init is, though the CPU of virtual time has none', async () => {
  const body = `
    const log = fs.openSync('/dev/kmsg', fs.constants.O_RDONLY | fs.constants.O_NONBLOCK);
    for (const record = Buffer.alloc(8192); ; ) {
      const [, us, text] = /^\\d+,\\d+,(\\d+),.*?;(.*)/.exec(record.toString('latin1', 0, fs.readSync(log, record))) ?? [];
      if (/^(Run .* as init process|random: crng init done)/.test(text)) console.log(us, text);
      if (text?.startsWith('random:')) return pass();
    }`;
  const { result, printed } = await runPlanned(await planBody(body, { machine: 'deterministic' }));
  expect(result.outcome).toBe('pass');
  const [init, random] = printed.map(({ message }) => /^(\d+) (.*)/.exec(message) ?? []);
  expect([init?.[2], random?.[2]]).toEqual([expect.stringMatching(/^Run /), 'random: crng init done']);
  // Without init's help it takes 256 ticks.
  expect(Number(random?.[1]) - Number(init?.[1])).toBeLessThan(100_000);
});
