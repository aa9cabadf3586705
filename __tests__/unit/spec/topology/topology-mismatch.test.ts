import { describe, expect, test } from '@jest/globals';
import { topologyMismatch } from '../../../../src/spec/topology/topology-mismatch';
import type { GuestTopology } from '../../../../src/spec/topology/guest-topology';
import { guestTopology } from '../scenario/guest-topologies';

const ASKED = { numaNodes: 2, llcs: 4, cores: 2, threads: 2 };

const seen = (changes: Partial<GuestTopology>): GuestTopology => ({ ...guestTopology(ASKED), ...changes });

describe('topologyMismatch()', () => {
  test.each([ASKED, { numaNodes: 1, llcs: 1, cores: 1, threads: 1 }, { numaNodes: 3, llcs: 3, cores: 5, threads: 1 }])(
    'is null for the machine that was asked for: %p',
    (asked) => {
      expect(topologyMismatch(asked, guestTopology(asked))).toBeNull();
    },
  );

  test('tells every figure that differs', () => {
    expect(
      topologyMismatch({ numaNodes: 1, llcs: 1, cores: 2, threads: 1 }, guestTopology({ llcs: 2, cores: 1 })),
    ).toBe(
      ['LLCs: asked for 1, got 2', 'CPUs of LLC 0: asked for 2, got 1', 'CPUs of LLC 1: asked for 2, got 1'].join('; '),
    );
  });

  test('knows of nodes that are memory alone', () => {
    const memory = Array.from({ length: 3 }, () => ({ memoryMib: 256, latencyNs: 1, bandwidthMbps: 16, cacheMib: 0 }));
    const { nodes } = guestTopology(ASKED);
    const alone = { id: 2, cpus: [], memoryKib: 1, distances: [20, 20, 10] };
    const asked = { ...ASKED, memory };
    expect(topologyMismatch(asked, seen({ nodes: [...nodes, alone] }))).toBeNull();
    expect(topologyMismatch(asked, seen({ nodes: [...nodes, { ...alone, cpus: [3] }] }))).toBe(
      'CPUs of node 2: asked for 0, got 1',
    );
    expect(topologyMismatch(asked, seen({}))).toBe('NUMA nodes: asked for 3, got 2');
  });

  test.each<{ name: string; changes: Partial<GuestTopology>; text: string }>([
    {
      name: 'an LLC split unevenly',
      changes: {
        llcs: [3, 5, 4, 4].map((count, index) => ({
          cpus: Array<number>(count).fill(index),
          numaNode: 0,
          cacheSizeKib: 1,
        })),
      },
      text: 'CPUs of LLC 0: asked for 4, got 3; CPUs of LLC 1: asked for 4, got 5',
    },
    {
      name: 'threads that are no siblings',
      changes: { cores: [[0], [1, 2, 3], ...guestTopology(ASKED).cores.slice(2)] },
      text: 'SMT siblings of CPU 0: asked for 2, got 1; SMT siblings of CPU 1: asked for 2, got 3',
    },
    {
      name: 'a node without CPUs',
      changes: { nodes: guestTopology(ASKED).nodes.map((node, id) => ({ ...node, cpus: id === 1 ? [] : node.cpus })) },
      text: 'CPUs of node 1: asked for 8, got 0',
    },
  ])('sees $name in a machine of the right size', ({ changes, text }) => {
    expect(topologyMismatch(ASKED, seen(changes))).toBe(text);
  });
});
