import { existsSync, readdirSync, readFileSync } from 'node:fs';

import { parseCpuList } from '../spec/topology/cpu-list';
import type { GuestTopology } from '../spec/topology/guest-topology';

/** Reads the machine's shape from sysfs, as the kernel made it out. @param root where sysfs keeps what belongs to the system as a whole */
export function readTopology(root = '/sys/devices/system'): GuestTopology {
  const cpuDir = (cpu: number): string => `${root}/cpu/cpu${cpu}`;
  const cpus = parseCpuList(read(`${root}/cpu/online`));
  const nodes = readNodes(`${root}/node`, cpus);
  const nodeOf = (cpu: number): number => nodes.find((node) => node.cpus.includes(cpu))?.id ?? 0;
  const llcs = distinctSets(cpus, (cpu) => llcCpus(cpuDir(cpu))).map((set) => ({
    cpus: set,
    numaNode: nodeOf(set[0] ?? 0),
    cacheSizeKib: llcSizeKib(cpuDir(set[0] ?? 0)),
  }));
  const cores = distinctSets(cpus, (cpu) => parseCpuList(read(`${cpuDir(cpu)}/topology/thread_siblings_list`)));
  return { cpus, llcs, cores, nodes };
}

function readNodes(nodeDir: string, cpus: number[]): GuestTopology['nodes'] {
  if (!existsSync(`${nodeDir}/online`)) return [{ id: 0, cpus, memoryKib: 0, distances: [10] }];
  return parseCpuList(read(`${nodeDir}/online`)).map((id) => ({
    id,
    cpus: parseCpuList(read(`${nodeDir}/node${id}/cpulist`)),
    memoryKib: Number(/MemTotal:\s+(\d+) kB/.exec(read(`${nodeDir}/node${id}/meminfo`))?.[1] ?? 0),
    distances: read(`${nodeDir}/node${id}/distance`).split(/\s+/).map(Number),
  }));
}

/** CPUs that share the last-level cache with this one; a CPU without cache information stands for its package. */
function llcCpus(cpuDir: string): number[] {
  const index = llcIndex(cpuDir);
  if (index === null) return parseCpuList(read(`${cpuDir}/topology/package_cpus_list`));
  return parseCpuList(read(`${index}/shared_cpu_list`));
}

function llcSizeKib(cpuDir: string): number | null {
  const index = llcIndex(cpuDir);
  const size = index === null ? null : /^(\d+)K$/.exec(read(`${index}/size`));
  return size ? Number(size[1]) : null;
}

/** Directory of the cache of the highest level. */
function llcIndex(cpuDir: string): string | null {
  const base = `${cpuDir}/cache`;
  if (!existsSync(base)) return null;
  const indexes = readdirSync(base).filter((name) => name.startsWith('index'));
  const byLevel = indexes.map((name) => ({ path: `${base}/${name}`, level: Number(read(`${base}/${name}/level`)) }));
  return byLevel.toSorted((a, b) => b.level - a.level)[0]?.path ?? null;
}

function distinctSets(cpus: number[], setOf: (cpu: number) => number[]): number[][] {
  const sets = new Map<string, number[]>();
  for (const cpu of cpus) {
    const set = setOf(cpu);
    sets.set(set.join(), set);
  }
  return [...sets.values()];
}

function read(path: string): string {
  return readFileSync(path, 'utf8').trim();
}
