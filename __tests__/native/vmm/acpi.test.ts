import { beforeAll, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';

import { cpuCount, type Topology } from '../../../src/spec/topology/topology';
import { builtProgram } from '../programs';
import { buildAcpi, hmatStructures, parseAcpi, structuresOf, type AcpiAsked, type AcpiTables } from './acpi';
import { SHAPES, type Shape } from './presets';

const UNTOUCHED = Buffer.alloc(16, 0xa5);
const GIB = 2 ** 30;

let sample: string;

beforeAll(() => {
  sample = builtProgram('host/vmm_acpi_sample');
});

function tablesOf(asked: AcpiAsked): AcpiTables {
  const { length, bytes, behind } = buildAcpi(sample, asked);
  expect(bytes).toHaveLength(length);
  expect(behind).toEqual(UNTOUCHED);
  return parseAcpi(bytes);
}

function table(tables: AcpiTables, signature: string): Buffer {
  const found = tables.get(signature);
  if (!found) throw new Error(`no ${signature}`);
  return found;
}

const widthOf = (count: number): number => Math.ceil(Math.log2(count));

/** Of each CPU, in the order of their numbers. */
function apicIds({ llcs, cores, threads, apicLlcBits = 0 }: Shape): number[] {
  const core = 2 ** widthOf(threads);
  const llc = 2 ** Math.max(apicLlcBits, widthOf(threads) + widthOf(cores));
  return upTo(llcs).flatMap((l) => upTo(cores).flatMap((c) => upTo(threads).map((t) => l * llc + c * core + t)));
}

const upTo = (count: number): number[] => Array.from({ length: count }, (_, i) => i);
const memoryOf = ({ numaNodes }: Topology): NonNullable<AcpiAsked['memory']> =>
  upTo(numaNodes).map((node) => ({ gpa: node * 4 * GIB, size: GIB + node, node }));

const ENABLED = 1;

/** A MADT's CPUs as [type, number, APIC id, flags]. */
function madtCpus(madt: Buffer): number[][] {
  return structuresOf(madt, 8).flatMap(({ type, bytes }) => {
    if (type === 0) return [[type, bytes.readUInt8(2), bytes.readUInt8(3), bytes.readUInt32LE(4)]];
    if (type === 9) return [[type, bytes.readUInt32LE(12), bytes.readUInt32LE(4), bytes.readUInt32LE(8)]];
    return [];
  });
}

/** A SRAT's CPUs as [type, node, APIC id, flags]. */
function sratCpus(srat: Buffer): number[][] {
  return structuresOf(srat, 12).flatMap(({ type, bytes }) => {
    if (type === 0) return [[type, bytes.readUInt8(2), bytes.readUInt8(3), bytes.readUInt32LE(4)]];
    if (type === 2) return [[type, bytes.readUInt32LE(4), bytes.readUInt32LE(8), bytes.readUInt32LE(12)]];
    return [];
  });
}

function sratMemory(srat: Buffer): unknown[] {
  return structuresOf(srat, 12)
    .filter(({ type }) => type === 1)
    .map(({ bytes }) => ({
      node: bytes.readUInt32LE(2),
      gpa: Number(bytes.readBigUInt64LE(8)),
      size: Number(bytes.readBigUInt64LE(16)),
      flags: bytes.readUInt32LE(28),
    }));
}

describe('acpi_build()', () => {
  test.each(SHAPES.flatMap((shape) => [true, false].map((reduced) => ({ ...shape, reduced }))))(
    'tells of the CPUs and the memory of $name when reduced hardware is $reduced',
    ({ topology, reduced }) => {
      const memory = memoryOf(topology);
      const tables = tablesOf({ topology, memory, reduced });
      const ids = apicIds(topology);
      const hasNodes = topology.numaNodes > 1;
      expect([...tables.keys()].toSorted()).toEqual(
        [
          'APIC',
          'DSDT',
          'FACP',
          'XSDT',
          ...(reduced ? [] : ['FACS']),
          ...(hasNodes ? ['SLIT', 'SRAT'] : []),
        ].toSorted(),
      );
      expect(madtCpus(table(tables, 'APIC'))).toEqual(ids.map((id, cpu) => [id < 255 ? 0 : 9, cpu, id, ENABLED]));
      if (!hasNodes) return;
      const perNode = cpuCount(topology) / topology.numaNodes;
      expect(sratCpus(table(tables, 'SRAT'))).toEqual(
        ids.map((id, cpu) => [id < 255 ? 0 : 2, Math.floor(cpu / perNode), id, ENABLED]),
      );
      expect(sratMemory(table(tables, 'SRAT'))).toEqual(memory.map((range) => ({ ...range, flags: ENABLED })));
    },
  );

  test('wires interrupts as a PC does, and the SCI where the hardware is fixed', () => {
    const wiring = (llcs: number, reduced: boolean): string[] =>
      structuresOf(table(tablesOf({ topology: { numaNodes: 1, llcs, cores: 18, threads: 1 }, reduced }), 'APIC'), 8)
        .filter(({ type }) => ![0, 9].includes(type))
        .map(({ bytes }) => bytes.toString('hex'));
    const ioApic = '010c00000000c0fe00000000';
    const timer = '020a0000020000000000';
    expect(wiring(1, true)).toEqual([ioApic, timer, '0406ff000001']);
    expect(wiring(14, false)).toEqual([
      ...[ioApic, timer, '020a0009090000000d00', '0406ff000001', '0a0c0000ffffffff01000000'],
    ]);
  });

  test('gives fixed hardware its registers, and reduced hardware those for sleep alone', () => {
    const topology = { numaNodes: 1, llcs: 1, cores: 2, threads: 1 };
    const fadt = (reduced: boolean): Buffer => table(tablesOf({ topology, reduced }), 'FACP');
    const hex = (bytes: Buffer, at: number, length: number): string => bytes.toString('hex', at, at + length);
    const [fixed, reduced] = [fadt(false), fadt(true)];
    expect([fixed.length, reduced.length]).toEqual([276, 276]);
    const facts = (bytes: Buffer) => ({
      sci: bytes.readUInt16LE(46),
      ports: [bytes.readUInt32LE(56), bytes.readUInt32LE(64)],
      lengths: [bytes.readUInt8(88), bytes.readUInt8(89)],
      reduced: (bytes.readUInt32LE(112) >> 20) & 1,
      ...{ event: hex(bytes, 148, 12), control: hex(bytes, 172, 12), sleep: hex(bytes, 244, 24) },
    });
    const none = '00'.repeat(12);
    expect(facts(fixed)).toEqual({
      ...{ sci: 9, ports: [0x600, 0x604], lengths: [4, 2], reduced: 0 },
      ...{ event: '012000020006000000000000', control: '011000020406000000000000', sleep: none + none },
    });
    expect(facts(reduced)).toEqual({
      ...{ sci: 0, ports: [0, 0], lengths: [0, 0], reduced: 1, event: none, control: none },
      sleep: '010800010006000000000000' + '010800010106000000000000',
    });
    for (const bytes of [fixed, reduced]) expect(hex(bytes, 116, 13)).toBe('01080001f90c00000000000006');
  });

  test('has interrupts sent to physical ids where those have more than eight bits', () => {
    const isPhysical = (topology: Shape): number => (table(tablesOf({ topology }), 'FACP').readUInt32LE(112) >> 19) & 1;
    const shape = { numaNodes: 1, llcs: 2, cores: 1, threads: 1 };
    expect([7, 8].map((apicLlcBits) => isPhysical({ ...shape, apicLlcBits }))).toEqual([0, 1]);
  });

  test.each([
    { name: '10 and 20 when none are given', given: undefined, rows: [[10, 20, 20], [20, 10, 20], [20, 20, 10]] }, // prettier-ignore
    { name: 'those that are given', given: [[10, 15, 30], [15, 10, 40], [30, 40, 10]], rows: [[10, 15, 30], [15, 10, 40], [30, 40, 10]] }, // prettier-ignore
  ])('gives distances in the SLIT: $name', ({ given, rows }) => {
    const topology = { numaNodes: 2, llcs: 2, cores: 1, threads: 1 };
    const memory = upTo(3).map((node) => ({ gpa: node * GIB, size: GIB, node }));
    const slit = table(tablesOf({ topology, memory, ...(given && { distances: given }) }), 'SLIT');
    expect(slit.readBigUInt64LE(36)).toBe(3n);
    expect([...slit.subarray(44)]).toEqual(rows.flat());
  });

  test('never writes behind the capacity, and says what it would take', () => {
    const topology = { numaNodes: 2, llcs: 14, cores: 9, threads: 2 };
    const asked = {
      ...{ topology, memory: memoryOf(topology), speeds: [{ latencyNs: 100, bandwidthMbps: 1600 }, { latencyNs: 100, bandwidthMbps: 1600 }] }, // prettier-ignore
      devices: [{ base: 0xd000_0000, size: 4096, gsi: 5 }],
    };
    const { length } = buildAcpi(sample, asked);
    const enough = buildAcpi(sample, { ...asked, capacity: length });
    expect(enough.behind).toEqual(UNTOUCHED);
    expect(parseAcpi(enough.bytes).size).toBe(8);
    fc.assert(
      fc.property(fc.integer({ min: 0, max: length - 1 }), (capacity) => {
        const blob = buildAcpi(sample, { ...asked, capacity });
        expect({ length: blob.length, behind: blob.behind }).toEqual({ length, behind: UNTOUCHED });
      }),
      { numRuns: 40 },
    );
  });
});

describe('acpi_build() with speeds of memory', () => {
  const topology = { numaNodes: 2, llcs: 2, cores: 2, threads: 1 };
  /** Two ranges of node 0, one of node 1, and node 2 without CPUs. */
  const memory = [
    { gpa: 0, size: GIB, node: 0 },
    ...[0, 1, 2].map((node) => ({ gpa: (4 + node) * GIB, size: GIB, node })),
  ];
  const DRAM = { latencyNs: 100, bandwidthMbps: 51_200 };
  const FAR = { latencyNs: 300, bandwidthMbps: 20_480, cacheBytes: 2 ** 33 };

  const structures = (asked: Partial<AcpiAsked>) =>
    hmatStructures(table(tablesOf({ topology, memory, speeds: [DRAM, DRAM, FAR], ...asked }), 'HMAT'));

  /** An entry's value in the unit of its table, by initiator and target. */
  function locality(bytes: Buffer) {
    const [initiators, targets] = [bytes.readUInt32LE(12), bytes.readUInt32LE(16)];
    const unit = Number(bytes.readBigUInt64LE(24));
    const nodes = upTo(initiators + targets).map((i) => bytes.readUInt32LE(32 + 4 * i));
    const at = 32 + 4 * nodes.length;
    const rows = upTo(initiators).map((i) =>
      upTo(targets).map((t) => unit * bytes.readUInt16LE(at + 2 * (i * targets + t))),
    );
    return { data: bytes.readUInt8(9), initiators: nodes.slice(0, initiators), targets: nodes.slice(initiators), rows };
  }

  test('attaches memory to the CPUs of its node, and that of a memory-only node to none', () => {
    const proximity = structures({}).filter(({ type }) => type === 0);
    expect(
      proximity.map(({ bytes }) => [bytes.readUInt16LE(8), bytes.readUInt32LE(12), bytes.readUInt32LE(16)]),
    ).toEqual([
      ...[[1, 0, 0], [1, 1, 1], [0, 0, 2]], // prettier-ignore
    ]);
  });

  test('gives latency in ps and bandwidth in MB/s, worse for CPUs that are not the nearest', () => {
    const [latency, bandwidth, ...rest] = structures({}).filter(({ type }) => type === 1);
    if (!latency || !bandwidth) throw new Error('a table is missing');
    expect(rest).toEqual([]);
    const nodes = { initiators: [0, 1], targets: [0, 1, 2] };
    expect(locality(latency.bytes)).toEqual({
      ...{ data: 0, ...nodes, rows: [[100_000, 200_000, 300_000], [200_000, 100_000, 300_000]] }, // prettier-ignore
    });
    expect(locality(bandwidth.bytes)).toEqual({
      ...{ data: 3, ...nodes, rows: [[51_200, 25_600, 20_480], [25_600, 51_200, 20_480]] }, // prettier-ignore
    });
  });

  test('keeps entries out of the values that mean unknown and unreachable', () => {
    const extremes = structures({ speeds: [{ latencyNs: 0, bandwidthMbps: 1 }, { latencyNs: 65_534, bandwidthMbps: 2 ** 31 }, FAR] }); // prettier-ignore
    const [latency, bandwidth] = extremes.filter(({ type }) => type === 1).map(({ bytes }) => locality(bytes).rows);
    expect(latency?.[0]?.slice(0, 2)).toEqual([1000, 65_534_000]);
    expect(bandwidth?.[1]?.slice(0, 2)).toEqual([16, 65_534 * 16]);
  });

  test('tells of the cache on the side of a memory, and of none where there is none', () => {
    const caches = structures({}).filter(({ type }) => type === 2);
    expect(
      caches.map(({ bytes }) => [bytes.readUInt32LE(8), bytes.readBigUInt64LE(16), bytes.readUInt32LE(24)]),
    ).toEqual([[2, 2n ** 33n, 0x0040_1111]]);
  });

  test('leaves out nodes without memory, which CPUs can be in', () => {
    const all = structures({ memory: memory.filter(({ node }) => node !== 1) });
    const [latency] = all.filter(({ type }) => type === 1).map(({ bytes }) => locality(bytes));
    expect(latency).toMatchObject({ initiators: [0, 1], targets: [0, 2] });
    expect(all.filter(({ type }) => type === 0)).toHaveLength(2);
  });
});
