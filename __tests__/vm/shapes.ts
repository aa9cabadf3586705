import { expect } from '@jest/globals';

import type { TestOptions } from '../../src/spec/declare/options';
import { formatCpuList } from '../../src/spec/topology/cpu-list';
import type { GuestTopology } from '../../src/spec/topology/guest-topology';

/** A machine's shape, and the CPUs of each LLC, core and node as the kernel of its guest writes lists. */
export interface Shape {
  options: TestOptions;
  llcs: string;
  cores: string;
  nodes: string;
}

export const SHAPES = {
  'one CPU': { options: { cores: 1 }, llcs: '0', cores: '0', nodes: '0' },
  '2 cores': { options: { cores: 2 }, llcs: '0-1', cores: '0 1', nodes: '0-1' },
  '2 threads': { options: { cores: 1, threads: 2 }, llcs: '0-1', cores: '0-1', nodes: '0-1' },
  '4 cores': { options: { cores: 4 }, llcs: '0-3', cores: '0 1 2 3', nodes: '0-3' },
  '2 LLCs of 2 cores of 2 threads': {
    options: { llcs: 2, cores: 2, threads: 2 },
    ...{ llcs: '0-3 4-7', cores: '0-1 2-3 4-5 6-7', nodes: '0-7' },
  },
  '3 LLCs of 3 cores': {
    options: { llcs: 3, cores: 3 },
    ...{ llcs: '0-2 3-5 6-8', cores: '0 1 2 3 4 5 6 7 8', nodes: '0-8' },
  },
  '2 nodes of one LLC of 2 cores': {
    options: { numaNodes: 2, llcs: 2, cores: 2, memoryMib: 1024 },
    ...{ llcs: '0-1 2-3', cores: '0 1 2 3', nodes: '0-1 2-3' },
  },
  '2 nodes of 2 LLCs of 2 threads': {
    options: { numaNodes: 2, llcs: 4, cores: 1, threads: 2, memoryMib: 1024 },
    ...{ llcs: '0-1 2-3 4-5 6-7', cores: '0-1 2-3 4-5 6-7', nodes: '0-3 4-7' },
  },
  '4 nodes of one LLC of 2 cores': {
    options: { numaNodes: 4, llcs: 4, cores: 2, memoryMib: 1026 },
    ...{ llcs: '0-1 2-3 4-5 6-7', cores: '0 1 2 3 4 5 6 7', nodes: '0-1 2-3 4-5 6-7' },
  },
} satisfies Record<string, Shape>;

/** Throws in a guest that has not all of its CPUs online. */
export const EXPECTS_CPUS_ONLINE = `if (ctx.topology.cpus.length !== require('node:os').cpus().length) throw new Error('CPUs are offline');`;

/** Compares what a guest has read back of its shape. */
export function expectShape(topology: GuestTopology, { options, ...expected }: Shape): void {
  expect({
    llcs: lists(topology.llcs.map((llc) => llc.cpus)),
    cores: lists(topology.cores),
    nodes: lists(topology.nodes.map((node) => node.cpus)),
  }).toEqual({ llcs: expected.llcs, cores: expected.cores, nodes: expected.nodes });
  expectMemoryOfNodes(topology, options.memoryMib ?? Math.max(512, 64 * topology.cpus.length));
}

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
