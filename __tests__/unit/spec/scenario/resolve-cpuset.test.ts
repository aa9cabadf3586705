import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { Cpuset, type CpusetSpec } from '../../../../src/spec/scenario/cpuset-spec';
import { cpusetIssuesOn, resolveCpuset } from '../../../../src/spec/scenario/resolve-cpuset';
import { guestTopology } from './guest-topologies';
import { issuesOf } from './harness-issues';

const EIGHT = guestTopology({ numaNodes: 2, llcs: 4, cores: 2 });
const TEN = guestTopology({ cores: 10 });

test.each([
  { name: 'an LLC', spec: Cpuset.llc(3), cpus: [6, 7] },
  { name: 'a NUMA node', spec: Cpuset.numa(1), cpus: [4, 5, 6, 7] },
  { name: 'a range up to the last usable CPU', spec: Cpuset.range(5, 7), cpus: [5, 6] },
  { name: 'the smaller of two parts', spec: Cpuset.disjoint(0, 2), cpus: [0, 1, 2] },
  { name: 'the larger of two parts', spec: Cpuset.disjoint(1, 2), cpus: [3, 4, 5, 6] },
  { name: 'a part as small as one CPU', spec: Cpuset.disjoint(6, 7), cpus: [6] },
  { name: 'the only part', spec: Cpuset.disjoint(0, 1), cpus: [0, 1, 2, 3, 4, 5, 6] },
  { name: 'a first part grown to the right', spec: Cpuset.overlap(0, 2, 0.5), cpus: [0, 1, 2, 3, 4] },
  { name: 'a last part grown to the left', spec: Cpuset.overlap(1, 2, 0.5), cpus: [1, 2, 3, 4, 5, 6] },
  { name: 'a part that does not grow', spec: Cpuset.overlap(0, 2, 0), cpus: [0, 1, 2] },
  { name: 'exact CPUs in any order', spec: Cpuset.exact(7, 0, 7), cpus: [0, 7] },
])('resolveCpuset() gives the CPUs of $name', ({ spec, cpus }) => {
  expect(resolveCpuset(spec, EIGHT)).toEqual(cpus);
});

test('resolveCpuset() grows a part by whole CPUs when the product has a rounding error', () => {
  // 9 usable CPUs in three parts of 3; 3 * (1/3 + a rounding error) is still one CPU.
  expect(resolveCpuset(Cpuset.overlap(1, 3, 1 / 3 + 1e-12), TEN)).toEqual([2, 3, 4, 5, 6]);
});

test.each([
  { name: 'an LLC', spec: Cpuset.llc(4), option: 'index', value: '4', allowed: 'from 0 to 3: the machine has 4 LLCs' },
  { name: 'a node', spec: Cpuset.numa(2), option: 'node', value: '2', allowed: 'a NUMA node that has CPUs: 0, 1' },
  {
    name: 'a range end',
    spec: Cpuset.range(0, 8),
    option: 'end',
    value: '8',
    allowed: 'at most 7, the number of usable CPUs (0-6)',
  },
  {
    name: 'a part',
    spec: Cpuset.disjoint(0, 8),
    option: 'of',
    value: '8',
    allowed: 'at most 7, one part per usable CPU (0-6)',
  },
  {
    name: 'an overlapping part',
    spec: Cpuset.overlap(0, 8, 0.5),
    option: 'of',
    value: '8',
    allowed: 'at most 7, one part per usable CPU (0-6)',
  },
  {
    name: 'exact CPUs',
    spec: Cpuset.exact(0, 8, 9),
    option: 'cpus',
    value: '8, 9',
    allowed: 'CPUs of the machine: 0-7',
  },
  {
    name: 'a part that no machine has',
    spec: { kind: 'disjoint', index: 3, of: 2 } as const,
    option: 'index',
    value: '3',
    allowed: 'a whole number from 0 to 1, for one of 2 parts',
  },
])('resolveCpuset() throws and cpusetIssuesOn() tells when the machine lacks $name', (row) => {
  const { spec, option, value, allowed } = row;
  const expected = [expect.objectContaining({ option, value, allowed })];
  expect(issuesOf(() => resolveCpuset(spec, EIGHT))).toEqual(expected);
  expect(cpusetIssuesOn(spec, EIGHT)).toEqual(expected);
});

test('resolveCpuset() throws when the NUMA node has memory only', () => {
  const memoryOnly = { id: 2, cpus: [], memoryKib: 1024, distances: [20, 20, 10] };
  const topology = { ...EIGHT, nodes: [...EIGHT.nodes, memoryOnly] };
  expect(issuesOf(() => resolveCpuset(Cpuset.numa(2), topology))).toEqual([
    expect.objectContaining({ allowed: 'a NUMA node that has CPUs: 0, 1' }),
  ]);
});

const machineAndParts = fc
  .integer({ min: 1, max: 64 })
  .chain((cores) => fc.tuple(fc.constant(cores), fc.integer({ min: 1, max: cores > 2 ? cores - 1 : cores })));

test('resolveCpuset() cuts the usable CPUs into parts that are disjoint, cover them all and differ by one CPU', () => {
  fc.assert(
    fc.property(machineAndParts, ([cores, of]) => {
      const topology = guestTopology({ cores });
      const parts = Array.from({ length: of }, (_, i) => resolveCpuset(Cpuset.disjoint(i, of), topology));
      const usable = topology.cpus.slice(0, cores > 2 ? -1 : undefined);
      expect(parts.flat()).toEqual(usable);
      const sizes = parts.map((part) => part.length);
      expect(Math.min(...sizes)).toBeGreaterThanOrEqual(1);
      expect(Math.max(...sizes) - Math.min(...sizes)).toBeLessThanOrEqual(1);
    }),
  );
});

test('resolveCpuset() grows overlapping parts so that they hold their disjoint part and share with their neighbours', () => {
  const fraction = fc.double({ min: 0.01, max: 1, noNaN: true });
  fc.assert(
    fc.property(machineAndParts, fraction, ([cores, of], grow) => {
      const topology = guestTopology({ cores });
      const parts = Array.from({ length: of }, (_, i) => resolveCpuset(Cpuset.overlap(i, of, grow), topology));
      for (const [i, part] of parts.entries()) {
        expect(part).toEqual(expect.arrayContaining(resolveCpuset(Cpuset.disjoint(i, of), topology)));
        const next = parts[i + 1];
        if (next !== undefined) expect(part.some((cpu) => next.includes(cpu))).toBe(true);
      }
    }),
  );
});

test('resolveCpuset() throws for data of an unknown kind', () => {
  const spec = { kind: 'socket', index: 0 } as unknown as CpusetSpec;
  expect(issuesOf(() => resolveCpuset(spec, EIGHT))).toEqual([expect.objectContaining({ option: 'kind' })]);
});
