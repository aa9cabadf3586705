/** Shape of a machine. `llcs` is the machine total; cores are per LLC, threads per core. */
export interface Topology {
  numaNodes: number;
  llcs: number;
  cores: number;
  threads: number;
}

export function cpuCount(topology: Topology): number {
  return topology.llcs * topology.cores * topology.threads;
}

/** `1n2l4c2t`: nodes, LLCs of the machine, cores per LLC, threads per core. */
export function topologyLabel(topology: Topology): string {
  return `${topology.numaNodes}n${topology.llcs}l${topology.cores}c${topology.threads}t`;
}
