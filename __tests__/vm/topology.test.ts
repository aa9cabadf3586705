import { describe, expect, jest, test } from '@jest/globals';

import type { TestOptions } from '../../src/spec/declare/options';
import { formatCpuList } from '../../src/spec/topology/cpu-list';
import type { GuestTopology } from '../../src/spec/topology/guest-topology';
import { MACHINE_TIMEOUT_MS, runBody } from './inline-test';

jest.setTimeout(MACHINE_TIMEOUT_MS);

interface Shape {
  name: string;
  options: TestOptions;
  /** CPUs of each LLC, core and node, as the kernel writes lists. */
  llcs: string;
  cores: string;
  nodes: string;
}

const EMULATED: readonly Shape[] = [
  { name: 'one CPU', options: { cores: 1 }, llcs: '0', cores: '0', nodes: '0' },
  { name: '2 cores', options: { cores: 2 }, llcs: '0-1', cores: '0 1', nodes: '0-1' },
  { name: '2 threads', options: { cores: 1, threads: 2 }, llcs: '0-1', cores: '0-1', nodes: '0-1' },
  {
    name: '2 LLCs of 2 cores of 2 threads',
    options: { llcs: 2, cores: 2, threads: 2 },
    ...{ llcs: '0-3 4-7', cores: '0-1 2-3 4-5 6-7', nodes: '0-7' },
  },
  {
    name: '3 LLCs of 3 cores',
    options: { llcs: 3, cores: 3 },
    ...{ llcs: '0-2 3-5 6-8', cores: '0 1 2 3 4 5 6 7 8', nodes: '0-8' },
  },
  {
    name: '2 nodes of 2 LLCs of 2 threads',
    options: { numaNodes: 2, llcs: 4, cores: 1, threads: 2, memoryMib: 1024 },
    ...{ llcs: '0-1 2-3 4-5 6-7', cores: '0-1 2-3 4-5 6-7', nodes: '0-3 4-7' },
  },
  {
    name: '4 nodes of one LLC of 2 cores',
    options: { numaNodes: 4, llcs: 4, cores: 2, memoryMib: 1026 },
    ...{ llcs: '0-1 2-3 4-5 6-7', cores: '0 1 2 3 4 5 6 7', nodes: '0-1 2-3 4-5 6-7' },
  },
];

const SHAPES = EMULATED.map((shape) => ({ ...shape, machine: 'emulated' as const }));
const ALSO_DETERMINISTIC = ['2 LLCs of 2 cores of 2 threads', '2 nodes of 2 LLCs of 2 threads'];
const ALL = [
  ...SHAPES,
  ...SHAPES.filter(({ name }) => ALSO_DETERMINISTIC.includes(name)).map((shape) => ({
    ...shape,
    machine: 'deterministic' as const,
  })),
];

describe('the guest', () => {
  test.concurrent.each(ALL)('sees $name on the $machine machine', async ({ options, machine, ...expected }) => {
    const { result } = await runBody(
      `if (ctx.topology.cpus.length !== require('node:os').cpus().length) throw new Error('CPUs are offline');`,
      { ...options, machine },
    );

    expect({ failure: result.failure, errors: result.errors }).toEqual({ failure: null, errors: [] });
    const topology = result.topology as GuestTopology;
    expect({
      llcs: lists(topology.llcs.map((llc) => llc.cpus)),
      cores: lists(topology.cores),
      nodes: lists(topology.nodes.map((node) => node.cpus)),
    }).toEqual({ llcs: expected.llcs, cores: expected.cores, nodes: expected.nodes });
    expectMemoryOfNodes(topology, options.memoryMib ?? Math.max(512, 64 * topology.cpus.length));
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

function lists(sets: readonly number[][]): string {
  return sets.map((set) => formatCpuList(set)).join(' ');
}

/** Every node has its even share, and the distances are those of a machine whose nodes are all as far from each other. */
function expectMemoryOfNodes({ nodes, llcs }: GuestTopology, memoryMib: number): void {
  for (const [index, node] of nodes.entries()) {
    expect(node.id).toBe(index);
    expect(node.distances).toEqual(nodes.map((other) => (other === node ? 10 : 20)));
    // What the kernel itself takes at boot is missing; on a small node that is a third.
    const share = node.memoryKib / ((memoryMib * 1024) / nodes.length);
    expect(share).toBeGreaterThan(0.5);
    expect(share).toBeLessThan(1.05);
  }
  for (const llc of llcs) expect(nodes[llc.numaNode]?.cpus).toEqual(expect.arrayContaining(llc.cpus));
}
