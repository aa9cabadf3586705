import { cpuCount, type Topology } from './topology';

/**
 * CPUs are numbered one after the other: threads of a core, cores of an LLC, LLCs of a NUMA node, nodes of the machine. So every part of a
 * machine is one run of numbers.
 */
function run(first: number, count: number): number[] {
  return Array.from({ length: count }, (_, i) => first + i);
}

function checkIndex(part: string, index: number, count: number): void {
  if (!Number.isInteger(index) || index < 0 || index >= count) {
    throw new RangeError(
      `number the CPUs of ${part} ${index}: the machine has ${count}, must be from 0 to ${count - 1}`,
    );
  }
}

/** @throws RangeError when the machine has no such LLC */
export function cpusOfLlc(topology: Topology, llc: number): number[] {
  checkIndex('LLC', llc, topology.llcs);
  const perLlc = topology.cores * topology.threads;
  return run(llc * perLlc, perLlc);
}

/** @throws RangeError when the machine has no such NUMA node */
export function cpusOfNumaNode(topology: Topology, node: number): number[] {
  checkIndex('NUMA node', node, topology.numaNodes);
  const perNode = cpuCount(topology) / topology.numaNodes;
  return run(node * perNode, perNode);
}

/** SMT sibling sets, one per core, in order of the lowest CPU. */
export function siblingSets(topology: Topology): number[][] {
  return run(0, topology.llcs * topology.cores).map((core) => run(core * topology.threads, topology.threads));
}

/** What cgroups share by position: all of the CPUs, less the last one when there are more than two (it is kept for the root cgroup). */
export function usableCpus(cpus: readonly number[]): number[] {
  const sorted = cpus.toSorted((a, b) => a - b);
  return sorted.length > 2 ? sorted.slice(0, -1) : sorted;
}
