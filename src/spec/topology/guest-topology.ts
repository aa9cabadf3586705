/** What the guest read back from its own sysfs. Every CPU list is sorted and free of duplicates. */
export interface GuestTopology {
  cpus: number[];
  /** One entry per LLC, in order of its lowest CPU. */
  llcs: { cpus: number[]; numaNode: number; cacheSizeKib: number | null }[];
  /** SMT sibling sets, one entry per core, in order of the lowest CPU. */
  cores: number[][];
  /** One entry per NUMA node, in order of id; `distances[j]` is the SLIT distance to the j-th node of this list. */
  nodes: { id: number; cpus: number[]; memoryKib: number; distances: number[] }[];
}
