import type { GuestTopology } from './guest-topology';
import { cpuCount, type Topology } from './topology';

/** Tells how the machine that came up differs from the one asked for, or null when it does not. */
export function topologyMismatch(asked: Topology, seen: GuestTopology): string | null {
  const cpusPerLlc = asked.cores * asked.threads;
  const expected = [
    ['CPUs', cpuCount(asked), seen.cpus.length],
    ['NUMA nodes', asked.memory?.length ?? asked.numaNodes, seen.nodes.length],
    ['LLCs', asked.llcs, seen.llcs.length],
    ['cores', asked.llcs * asked.cores, seen.cores.length],
    ...seen.llcs.map((llc, index) => [`CPUs of LLC ${index}`, cpusPerLlc, llc.cpus.length] as const),
    ...seen.cores.map((core) => [`SMT siblings of CPU ${core[0] ?? '?'}`, asked.threads, core.length] as const),
    ...seen.nodes.map(
      (node, index) => [`CPUs of node ${node.id}`, cpusOfNode(asked, index), node.cpus.length] as const,
    ),
  ] as const;
  const wrong = expected.filter(([, want, got]) => want !== got);
  return wrong.length === 0
    ? null
    : wrong.map(([what, want, got]) => `${what}: asked for ${want}, got ${got}`).join('; ');
}

/** None, beyond the nodes with CPUs of one that has others. */
function cpusOfNode(asked: Topology, index: number): number {
  const isMemoryAlone = asked.memory !== undefined && index >= asked.numaNodes;
  return isMemoryAlone ? 0 : cpuCount(asked) / asked.numaNodes;
}
