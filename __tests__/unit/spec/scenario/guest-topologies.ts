import { cpusOfLlc, cpusOfNumaNode, siblingSets } from '../../../../src/spec/topology/cpu-numbering';
import type { GuestTopology } from '../../../../src/spec/topology/guest-topology';
import { cpuCount, type Topology } from '../../../../src/spec/topology/topology';

/** What a guest of this shape reads back. */
export function guestTopology(shape: Partial<Topology>): GuestTopology {
  const topology: Topology = { numaNodes: 1, llcs: 1, cores: 2, threads: 1, ...shape };
  const llcsPerNode = topology.llcs / topology.numaNodes;
  return {
    cpus: Array.from({ length: cpuCount(topology) }, (_, cpu) => cpu),
    llcs: Array.from({ length: topology.llcs }, (_, llc) => ({
      cpus: cpusOfLlc(topology, llc),
      numaNode: Math.floor(llc / llcsPerNode),
      cacheSizeKib: 16384,
    })),
    cores: siblingSets(topology),
    nodes: Array.from({ length: topology.numaNodes }, (_, id) => ({
      id,
      cpus: cpusOfNumaNode(topology, id),
      memoryKib: 262144,
      distances: Array.from({ length: topology.numaNodes }, (__, other) => (other === id ? 10 : 20)),
    })),
  };
}
