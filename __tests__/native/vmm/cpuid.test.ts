import { beforeAll, expect, test } from '@jest/globals';
import fc from 'fast-check';

import { cpusOfLlc, cpusOfNumaNode, siblingSets } from '../../../src/spec/topology/cpu-numbering';
import { cpuCount, topologyLabel, type Topology } from '../../../src/spec/topology/topology';
import { builtProgram } from '../programs';
import { bits, cpuid, patchCpuid, type CpuidEntry, type PatchedMachine } from './cpuid';
import { HOSTS } from './host-cpuids';
import { decodeLikeLinux, isAmd, type LinuxCpu } from './linux-topology';
import { SHAPES, type Shape } from './presets';

const SPARE_ENTRIES = 16;
const HOST_NAMES = Object.keys(HOSTS);

let sample: string;

beforeAll(() => {
  sample = builtProgram('host/vmm_cpuid_sample');
});

function hostNamed(name: string): CpuidEntry[] {
  const host = HOSTS[name];
  if (!host) throw new Error(`no host ${name}`);
  return host;
}

function patched(topology: Shape, host: readonly CpuidEntry[]): PatchedMachine {
  const machine = patchCpuid(sample, topology, host);
  if (!machine) throw new Error(`refused: ${topologyLabel(topology)}`);
  return machine;
}

/** CPUs with equal keys, in the order of their first. */
function groups<T>(cpus: readonly T[], key: (cpu: T) => unknown): number[][] {
  const byKey = new Map<unknown, number[]>();
  cpus.forEach((cpu, number) => byKey.set(key(cpu), [...(byKey.get(key(cpu)) ?? []), number]));
  return [...byKey.values()];
}

function expectTopology(topology: Shape, { cpus, maxApicId }: PatchedMachine): void {
  const seen = cpus.map(({ entries }) => decodeLikeLinux(entries));
  const llcs = Array.from({ length: topology.llcs }, (_, llc) => cpusOfLlc(topology, llc));
  const cores = siblingSets(topology);
  expect(new Set(seen.map(({ apicId }) => apicId)).size).toBe(cpuCount(topology));
  expect(seen.map(({ apicId }) => apicId)).toEqual(cpus.map(({ apicId }) => apicId));
  expect(Math.max(...seen.map(({ apicId }) => apicId))).toBe(maxApicId);
  expect(groups(seen, ({ shifts }) => JSON.stringify(shifts))).toHaveLength(1);
  expect(new Set(seen.map(({ threadsPerCore }) => threadsPerCore))).toEqual(new Set([topology.threads]));
  expect(new Set(seen.map((cpu) => cpu.cpusPerPackage))).toEqual(new Set([topology.cores * topology.threads]));
  expect(groups(seen, ({ packageId }) => packageId)).toEqual(llcs);
  expect(groups(seen, ({ llcId }) => llcId)).toEqual(llcs);
  expect(groups(seen, ({ packageId, coreId }) => `${packageId} ${coreId}`)).toEqual(cores);
  expectCaches(seen, { llcs, cores });
  const nodes = Array.from({ length: topology.numaNodes }, (_, node) => cpusOfNumaNode(topology, node));
  expect(groups(cpus, ({ node }) => node)).toEqual(nodes);
}

function expectCaches(seen: readonly LinuxCpu[], { llcs, cores }: { llcs: number[][]; cores: number[][] }): void {
  const levels = seen[0]?.caches.map(({ level }) => level) ?? [];
  expect(levels).toEqual([1, 1, 2, 3]);
  levels.forEach((level, index) => {
    expect(groups(seen, ({ caches }) => caches[index]?.id)).toEqual(level === 3 ? llcs : cores);
  });
}

test.each(HOST_NAMES.flatMap((host) => SHAPES.map(({ name, topology }) => ({ host, name, topology }))))(
  'cpuid_patch() gives Linux exactly $name on a host that is $host',
  ({ host, topology }) => {
    expectTopology(topology, patched(topology, hostNamed(host)));
  },
);

/** Any that is allowed, the large ones too. */
const anyTopology: fc.Arbitrary<Topology> = fc
  .record({
    numaNodes: fc.integer({ min: 1, max: 64 }),
    perNode: fc.integer({ min: 1, max: 16 }),
    cores: fc.integer({ min: 1, max: 252 }),
    threads: fc.integer({ min: 1, max: 8 }),
  })
  .map(({ numaNodes, perNode, cores, threads }) => ({ numaNodes, llcs: numaNodes * perNode, cores, threads }))
  .map(withinCpus);

/** Halves the largest part until the CPUs are few enough. */
function withinCpus(topology: Topology): Topology {
  const { numaNodes, llcs, cores, threads } = topology;
  if (cpuCount(topology) <= 252) return topology;
  if (cores >= llcs) return withinCpus({ ...topology, cores: Math.ceil(cores / 2) });
  if (llcs === 1) return withinCpus({ ...topology, threads: threads - 1 });
  const nodes = Math.ceil(numaNodes / 2);
  const perNode = numaNodes === 1 ? Math.ceil(llcs / 2) : llcs / numaNodes;
  return withinCpus({ ...topology, numaNodes: nodes, llcs: nodes * perNode });
}

test('cpuid_patch() gives Linux exactly the topology that was asked for, whatever it is', () => {
  fc.assert(
    fc.property(anyTopology, fc.constantFrom(...HOST_NAMES), (topology, host) => {
      expectTopology(topology, patched(topology, hostNamed(host)));
    }),
    { numRuns: 40 },
  );
});

test.each(HOST_NAMES)('cpuid_patch() adds no more entries than there is room for, each once, on %s', (name) => {
  const host = hostNamed(name);
  for (const { entries } of patched({ numaNodes: 1, llcs: 3, cores: 3, threads: 2 }, host).cpus) {
    expect(entries.length).toBeLessThanOrEqual(host.length + SPARE_ENTRIES);
    const keys = entries.map((entry) => `${entry.function} ${entry.index}`);
    expect(keys).toEqual([...new Set(keys)]);
    const flagged = new Set(entries.filter(({ flags }) => flags === 1).map((entry) => entry.function));
    expect([4, 0xb, 0x1f, 0x8000_001d, 0x8000_0026]).toEqual(expect.arrayContaining([...flagged]));
  }
});

test.each(HOST_NAMES)('cpuid_patch() gives the whole APIC id in every subleaf of a topology leaf on %s', (name) => {
  const topology = { numaNodes: 1, llcs: 14, cores: 9, threads: 2 };
  for (const { entries, apicId } of patched(topology, hostNamed(name)).cpus) {
    const subleaves = entries.filter((entry) => [0xb, 0x1f, 0x8000_0026].includes(entry.function));
    expect(subleaves.length % 3).toBe(0);
    expect(new Set(subleaves.map(({ edx }) => edx))).toEqual(new Set([apicId]));
    expect(subleaves.filter(({ index }) => index === 2)).toEqual(
      subleaves.filter(({ ebx }) => ebx === 0).map((entry) => ({ ...entry, eax: 0, ecx: 2 })),
    );
  }
});

test.each([
  { host: 'Intel with leaf 0x1F', has: [0xb, 0x1f] },
  { host: 'Intel without an L3', has: [0xb] },
  { host: 'AMD of Zen 4', has: [0xb] },
  { host: 'AMD with leaf 0x80000026', has: [0xb, 0x8000_0026] },
])('cpuid_patch() gives the topology leaves $has on $host', ({ host, has }) => {
  const [cpu] = patched({ numaNodes: 1, llcs: 2, cores: 2, threads: 1 }, hostNamed(host)).cpus;
  const leaves = new Set(cpu?.entries.map((entry) => entry.function));
  expect([0xb, 0x1f, 0x8000_0026].filter((leaf) => leaves.has(leaf))).toEqual(has);
});

test.each(HOST_NAMES)('cpuid_patch() changes only what tells of topology and the PMU on %s', (name) => {
  const host = hostNamed(name);
  const { cpus } = patched({ numaNodes: 1, llcs: 2, cores: 3, threads: 2 }, host);
  const PATCHED = [4, 0xa, 0xb, 0x1f, 0x8000_001d, 0x8000_001e, 0x8000_0026];
  const masks = (entry: CpuidEntry): CpuidEntry => maskedBy(entry, isAmd(host));
  for (const entry of host.filter((each) => !PATCHED.includes(each.function))) {
    expect(masks(cpuid(cpus[1]?.entries ?? [], entry.function))).toEqual(masks(entry));
  }
  expect(cpuid(cpus[1]?.entries ?? [], 0xa)).toMatchObject({ eax: 0, ebx: 0, ecx: 0, edx: 0 });
});

/** An entry without the fields that depend on the topology, or on the leaves that were added. */
function maskedBy(entry: CpuidEntry, amd: boolean): CpuidEntry {
  const { ebx, ecx, edx } = entry;
  const cleared = (value: number, mask: number): number => (value & ~mask) >>> 0;
  if (entry.function === 0 || entry.function === 0x8000_0000) return { ...entry, eax: 0 };
  if (entry.function === 1) {
    return {
      ...entry,
      ebx: cleared(ebx, 0xffff_0000),
      edx: cleared(edx, 0x1000_0000),
    };
  }
  if (!amd) return entry;
  if (entry.function === 0x8000_0001) return { ...entry, ecx: cleared(ecx, 0x40_0002) };
  if (entry.function === 0x8000_0006) return { ...entry, edx: 0 };
  return entry.function === 0x8000_0008 ? { ...entry, ecx: cleared(ecx, 0xf0ff) } : entry;
}

test.each([
  { topology: { numaNodes: 1, llcs: 4, cores: 1, threads: 1 }, logical: 1, htt: 0 },
  { topology: { numaNodes: 1, llcs: 2, cores: 3, threads: 1 }, logical: 3, htt: 1 },
  { topology: { numaNodes: 1, llcs: 1, cores: 252, threads: 1 }, logical: 252, htt: 1 },
])('cpuid_patch() gives in leaf 1 $logical logical CPUs of a package', ({ topology, logical, htt }) => {
  const { cpus } = patched(topology, hostNamed('Intel with leaf 0x1F'));
  for (const { entries } of cpus) {
    const { ebx, ecx, edx } = cpuid(entries, 1);
    expect({ logical: bits(ebx, 23, 16), htt: bits(edx, 28, 28) }).toEqual({ logical, htt });
    expect(bits(ecx, 31, 31)).toBe(1);
  }
});

test('cpuid_patch() gives the counts of AMD in leaf 0x80000008 and the cores of Intel in leaf 4', () => {
  const topology = { numaNodes: 1, llcs: 2, cores: 9, threads: 2 };
  const amd = cpuid(patched(topology, hostNamed('AMD of Zen 4')).cpus[0]?.entries ?? [], 0x8000_0008);
  expect({ last: bits(amd.ecx, 7, 0), width: bits(amd.ecx, 15, 12) }).toEqual({ last: 17, width: 5 });
  const intel = cpuid(patched(topology, hostNamed('Intel with leaf 0x1F')).cpus[0]?.entries ?? [], 4);
  expect(bits(intel.eax, 31, 26)).toBe(15);
});

test('cpuid_patch() says nothing of the L3 in leaf 0x80000006 where Linux would take it for a window of eight', () => {
  const topology = { numaNodes: 1, llcs: 2, cores: 2, threads: 1 };
  const l3 = (host: string): number =>
    cpuid(patched(topology, hostNamed(host)).cpus[0]?.entries ?? [], 0x8000_0006).edx;
  expect([l3('AMD of Zen 1'), l3('Hygon')]).toEqual([0, 0]);
  expect(l3('AMD of Zen 4')).toBe(cpuid(hostNamed('AMD of Zen 4'), 0x8000_0006).edx);
  // 32 units of half a MiB, 16 ways, lines of 64 bytes.
  expect(l3('AMD with leaf 0x80000026')).toBe(0x0080_8140);
});

test.each([
  { name: 'no node', topology: { numaNodes: 0, llcs: 1, cores: 1, threads: 1 } },
  { name: 'no LLC', topology: { numaNodes: 1, llcs: 0, cores: 1, threads: 1 } },
  { name: 'no core', topology: { numaNodes: 1, llcs: 1, cores: 0, threads: 1 } },
  { name: 'no thread', topology: { numaNodes: 1, llcs: 1, cores: 1, threads: 0 } },
  { name: 'more than 64 nodes', topology: { numaNodes: 65, llcs: 65, cores: 1, threads: 1 } },
  { name: 'nodes without an LLC', topology: { numaNodes: 2, llcs: 1, cores: 2, threads: 1 } },
  { name: 'LLCs that nodes cannot share evenly', topology: { numaNodes: 2, llcs: 3, cores: 1, threads: 1 } },
  { name: 'more than 8 threads', topology: { numaNodes: 1, llcs: 1, cores: 1, threads: 9 } },
  { name: 'more than 252 CPUs', topology: { numaNodes: 1, llcs: 11, cores: 23, threads: 1 } },
  { name: 'a product beyond 32 bits', topology: { numaNodes: 1, llcs: 65536, cores: 65536, threads: 1 } },
])('vmm_topology_check() refuses $name', ({ topology }) => {
  expect(patchCpuid(sample, topology)).toBe(null);
});
