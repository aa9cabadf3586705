import { describe, expect, test } from '@jest/globals';
import { readTopology } from '../../../src/guest/read-topology';
import { useTempFolder } from '../initramfs/temp-folder';

const temp = useTempFolder();

interface Cpu {
  siblings: string;
  package: string;
  /** Of each cache: its level, its size, and who shares it. */
  caches?: [level: number, size: string, cpus: string][];
}

interface Sysfs {
  online: string;
  cpus: Record<number, Cpu>;
  nodes?: Record<number, { cpus: string; memoryKib: number; distance: string }>;
}

/** Writes what the kernel shows of a machine, as far as it is read, each file with a newline at its end. */
function writeSysfs({ online, cpus, nodes }: Sysfs): string {
  const files: Record<string, string> = { 'cpu/online': online };
  for (const [cpu, shape] of Object.entries(cpus)) {
    files[`cpu/cpu${cpu}/topology/thread_siblings_list`] = shape.siblings;
    files[`cpu/cpu${cpu}/topology/package_cpus_list`] = shape.package;
    for (const [index, [level, size, sharedBy]] of (shape.caches ?? []).entries()) {
      const cache = `cpu/cpu${cpu}/cache/index${index}`;
      Object.assign(files, { [`${cache}/level`]: `${level}`, [`${cache}/size`]: size });
      files[`${cache}/shared_cpu_list`] = sharedBy;
    }
  }
  if (nodes) files['node/online'] = Object.keys(nodes).join();
  for (const [id, node] of Object.entries(nodes ?? {})) {
    files[`node/node${id}/cpulist`] = node.cpus;
    files[`node/node${id}/distance`] = node.distance;
    files[`node/node${id}/meminfo`] = `Node ${id} MemTotal:    ${node.memoryKib} kB\nNode ${id} MemFree: 1 kB`;
  }
  temp.write(Object.fromEntries(Object.entries(files).map(([path, text]) => [path, `${text}\n`])));
  return temp.path();
}

/** A CPU whose caches of levels 1 and 2 are its core's. */
const withLlc = (core: string, llc: string, size = '16384K'): Cpu => ({
  ...{ siblings: core, package: '0-7' },
  caches: [
    [1, '32K', core],
    [1, '32K', core],
    [3, size, llc],
    [2, '512K', core],
  ],
});

describe('readTopology()', () => {
  test('takes the cache of the highest level for the LLC, wherever it is listed, and its NUMA node from its CPUs', () => {
    const root = writeSysfs({
      online: '0-7',
      cpus: Object.fromEntries(
        [0, 1, 2, 3, 4, 5, 6, 7].map((cpu) => {
          const core = cpu - (cpu % 2);
          return [cpu, withLlc(`${core}-${core + 1}`, cpu < 4 ? '0-3' : '4-7')];
        }),
      ),
      nodes: {
        0: { cpus: '0-3', memoryKib: 500, distance: '10 21' },
        1: { cpus: '4-7', memoryKib: 600, distance: '21 10' },
      },
    });
    expect(readTopology(root)).toEqual({
      cpus: [0, 1, 2, 3, 4, 5, 6, 7],
      llcs: [
        { cpus: [0, 1, 2, 3], numaNode: 0, cacheSizeKib: 16384 },
        { cpus: [4, 5, 6, 7], numaNode: 1, cacheSizeKib: 16384 },
      ],
      cores: [
        [0, 1],
        [2, 3],
        [4, 5],
        [6, 7],
      ],
      nodes: [
        { id: 0, cpus: [0, 1, 2, 3], memoryKib: 500, distances: [10, 21] },
        { id: 1, cpus: [4, 5, 6, 7], memoryKib: 600, distances: [21, 10] },
      ],
    });
  });

  test('takes packages for LLCs where there is no word of caches, and one node where there is none of NUMA', () => {
    const cpu = (siblings: string, package_: string): Cpu => ({ siblings, package: package_ });
    const root = writeSysfs({ online: '0-2', cpus: { 0: cpu('0', '0'), 1: cpu('1', '1-2'), 2: cpu('2', '1-2') } });
    expect(readTopology(root)).toEqual({
      cpus: [0, 1, 2],
      llcs: [
        { cpus: [0], numaNode: 0, cacheSizeKib: null },
        { cpus: [1, 2], numaNode: 0, cacheSizeKib: null },
      ],
      cores: [[0], [1], [2]],
      nodes: [{ id: 0, cpus: [0, 1, 2], memoryKib: 0, distances: [10] }],
    });
  });

  test('goes by the CPUs that are online, and by the nodes that are, whatever their numbers', () => {
    const root = writeSysfs({
      online: '1,3',
      cpus: { 0: withLlc('0-1', '0-1'), 1: withLlc('1', '1'), 3: withLlc('3', '3', '0K') },
      nodes: { 2: { cpus: '1,3', memoryKib: 7, distance: '10' } },
    });
    expect(readTopology(root)).toMatchObject({
      cpus: [1, 3],
      llcs: [
        { cpus: [1], numaNode: 2, cacheSizeKib: 16384 },
        { cpus: [3], numaNode: 2, cacheSizeKib: 0 },
      ],
      cores: [[1], [3]],
      nodes: [{ id: 2 }],
    });
  });
});
