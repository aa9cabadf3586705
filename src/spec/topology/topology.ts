/** Shape of a machine. `llcs` is the machine total; cores are per LLC, threads per core. */
export interface Topology {
  /** Those with CPUs. */
  numaNodes: number;
  llcs: number;
  cores: number;
  threads: number;
  /** By node: those with CPUs first, then those that are memory alone. Unset for even shares on the nodes with CPUs. */
  memory?: readonly NodeMemory[];
}

/** Memory of a NUMA node, and what the nearest CPUs see of it; those farther away see it worse by the distance. */
export interface NodeMemory {
  memoryMib: number;
  latencyNs: number;
  bandwidthMbps: number;
  /** Size of the cache on the side of the memory; 0 without one. */
  cacheMib: number;
}

export function cpuCount(topology: Topology): number {
  return topology.llcs * topology.cores * topology.threads;
}

/** `1n2l4c2t`: nodes, LLCs of the machine, cores per LLC, threads per core. */
export function topologyLabel(topology: Topology): string {
  return `${topology.numaNodes}n${topology.llcs}l${topology.cores}c${topology.threads}t`;
}
