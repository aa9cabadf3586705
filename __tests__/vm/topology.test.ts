import { describe, expect, jest, test } from '@jest/globals';

import type { GuestTopology } from '../../src/spec/topology/guest-topology';
import { MACHINE_TIMEOUT_MS, runBody } from './inline-test';
import { EXPECTS_CPUS_ONLINE, expectShape, SHAPES, type Shape } from './shapes';

jest.setTimeout(MACHINE_TIMEOUT_MS);

const ALSO_DETERMINISTIC = ['2 LLCs of 2 cores of 2 threads', '2 nodes of 2 LLCs of 2 threads'];
const ALL = Object.entries(SHAPES).flatMap(([name, shape]) => [
  { name, machine: 'emulated' as const, shape: shape as Shape },
  ...(ALSO_DETERMINISTIC.includes(name) ? [{ name, machine: 'deterministic' as const, shape: shape as Shape }] : []),
]);

describe('the guest', () => {
  test.concurrent.each(ALL)('sees $name on the $machine machine', async ({ machine, shape }) => {
    const { result } = await runBody(EXPECTS_CPUS_ONLINE, { ...shape.options, machine });

    expect({ failure: result.failure, errors: result.errors }).toEqual({ failure: null, errors: [] });
    expectShape(result.topology as GuestTopology, shape);
  });

  test.concurrent.each([
    ['maxcpus=1', /^CPUs: asked for 4, got 1; LLCs: asked for 2, got 1; cores: asked for 2, got 1;/],
    ['nr_cpus=3', /^CPUs: asked for 4, got 3; CPUs of LLC 1: asked for 2, got 1; SMT siblings of CPU 2: asked for 2/],
  ])('refuses a machine on which %s hides CPUs, saying what was asked for and what it got', async (arg, says) => {
    const body = `console.log('the body has run');`;
    const { result, text, printed } = await runBody(body, { llcs: 2, cores: 1, threads: 2, kernelArgs: [arg] });

    expect(result.failure).toBe('topology-mismatch');
    const [, differences] = /the guest found another topology than the test asked for: (.*)/.exec(text) ?? [];
    expect(differences).toMatch(says);
    expect(printed).toEqual([]);
  });
});
