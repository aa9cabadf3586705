import { expect, test } from '@jest/globals';

import { planSpec, runPlanned, specOf } from '../vm/inline-test';
import { storedKey } from '../vm/stored-kernel';
import { expectPowerOff } from './power-off';

/** Two nodes with CPUs, and one with memory alone, which is farther away and has a cache. */
const MEMORY = [
  { memoryMib: 384, latencyNs: 80, bandwidthMbps: 51_200, cacheMib: 0 },
  { memoryMib: 384, latencyNs: 80, bandwidthMbps: 51_200, cacheMib: 0 },
  { memoryMib: 256, latencyNs: 250, bandwidthMbps: 16_000, cacheMib: 512 },
];

/** Tells what the kernel gives out of each node's memory; the nodes whose CPUs are its nearest are links. */
const BODY = `
  const folder = (node) => '/sys/devices/system/node/node' + node;
  const read = (path) => fs.readFileSync(path, 'utf8').trim();
  const tellOf = (node) => {
    const access = folder(node) + '/access0/initiators';
    const cache = folder(node) + '/memory_side_cache/index1/size';
    const figures = Object.fromEntries(['read_latency', 'write_latency', 'read_bandwidth', 'write_bandwidth'].map((name) => [name, Number(read(access + '/' + name))]));
    const nearest = fs.readdirSync(access).filter((name) => /^node\\d+$/.test(name)).toSorted();
    return { ...figures, nearest, cache: fs.existsSync(cache) ? Number(read(cache)) : 0 };
  };
  console.log(JSON.stringify([0, 1, 2].map(tellOf)));
`;

test.each([
  { name: 'the kernel that is built', isBuilt: true },
  { name: "Debian's cloud kernel", isBuilt: false },
])('$name sees a node of memory alone, how fast each memory is, and its cache', async ({ isBuilt }) => {
  const memoryMib = MEMORY.reduce((sum, node) => sum + node.memoryMib, 0);
  const options = { machine: 'kvm', kernel: storedKey(isBuilt), numaNodes: 2, llcs: 2, cores: 1, memoryMib } as const;
  const spec = specOf(options);
  const planned = await planSpec(BODY, { ...spec, topology: { ...spec.topology, memory: MEMORY } });
  const { run, result, printed } = await runPlanned(planned);
  expectPowerOff(run);
  expect(result.errors).toEqual([]);
  const dram = { read_latency: 80, write_latency: 80, read_bandwidth: 51_200, write_bandwidth: 51_200, cache: 0 };
  const far = { read_latency: 250, write_latency: 250, read_bandwidth: 16_000, write_bandwidth: 16_000 };
  expect(JSON.parse(printed.at(-1)?.message ?? 'null')).toEqual([
    { ...dram, nearest: ['node0'] },
    { ...dram, nearest: ['node1'] },
    { ...far, cache: 512 * 2 ** 20, nearest: ['node0', 'node1'] },
  ]);
  const nodes = result.topology?.nodes ?? [];
  expect(nodes.map(({ cpus }) => cpus)).toEqual([[0], [1], []]);
  // What the kernel takes at boot is missing.
  expect(nodes[2]?.memoryKib).toBeGreaterThan(128 * 1024);
  expect(nodes[2]?.memoryKib).toBeLessThanOrEqual(256 * 1024);
});
