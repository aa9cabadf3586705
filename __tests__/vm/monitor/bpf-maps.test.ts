import { expect, jest, test } from '@jest/globals';
import { join } from 'node:path';

import { cacheDir, storedKernels } from '../../../src/host/kernel/store';
import type { BpfEntry, BpfMap } from '../../../src/host/monitor/bpf/bpf-map';
import { map, maps } from '../../../src/host/monitor/bpf/maps';
import { Kernel } from '../../../src/host/monitor/kernel/kernel';
import type { TestOptions } from '../../../src/spec/declare/options';
import { packageRoot } from '../../../src/package-root';
import { MACHINE_TIMEOUT_MS } from '../inline-test';
import { bpftoolPath, type DumpedEntry, hex, NEWER_TYPES, RUN, type ShownMap } from './bpftool';
import { stopGuest } from './stopped-guest';

jest.setTimeout(2 * MACHINE_TIMEOUT_MS);

const kernels = storedKernels(cacheDir(process.env));
const BUILT = kernels.find(({ schedExt }) => schedExt)?.key ?? '';
const CLOUD = kernels.find(({ schedExt }) => !schedExt)?.key ?? '';
const ROWS: { name: string; options: TestOptions }[] = [
  { name: 'the built kernel, emulated', options: { machine: 'emulated', kernel: BUILT } },
  { name: 'the built kernel, deterministic', options: { machine: 'deterministic', kernel: BUILT } },
  { name: "Debian's cloud kernel, emulated", options: { machine: 'emulated', kernel: CLOUD } },
];
const SAMPLE = join(packageRoot(), 'native/build/host/bpf_maps_sample');

/** Maps of each kind that bpftool can make, with keys and values of odd sizes, half full. What has no array's keys takes any. */
const BODY = `
  ${RUN}
  const kinds = ['hash', 'lru_hash', 'percpu_hash', 'lru_percpu_hash', 'array', 'percpu_array'];
  const lines = kinds.flatMap((type) => {
    const keyBytes = type.endsWith('array') ? 4 : 6;
    const path = '/sys/fs/bpf/t_' + type;
    const update = (index) => {
      const key = [index, ...Array(keyBytes - 1).fill(0)].join(' ');
      return 'map update pinned ' + path + ' key ' + key + ' value ' + Array.from({ length: 12 }, (_, byte) => (index * 13 + byte) % 256).join(' ');
    };
    return ['map create ' + path + ' type ' + type + ' key ' + keyBytes + ' value 12 entries 64 name t_' + type, ...Array.from({ length: 32 }, (_, index) => update(2 * index))];
  });
  const made = (type, rest) => 'map create /sys/fs/bpf/t_' + type + ' type ' + type + ' ' + rest + ' name t_' + type;
  const filled = (type, rest) => 'map update pinned /sys/fs/bpf/t_' + type + ' ' + rest;
  const inner = 'inner_map pinned /sys/fs/bpf/t_array';
  lines.push(made('lpm_trie', 'key 8 value 12 entries 64 flags 1'));
  for (const [bits, data] of [[0, '0 0 0 0'], [8, '10 0 0 0'], [16, '10 1 0 0'], [24, '10 1 7 0'], [24, '10 1 9 0'], [32, '192 168 1 1']])
    lines.push(filled('lpm_trie', 'key ' + bits + ' 0 0 0 ' + data + ' value 1 2 3 4 5 6 7 8 9 10 11 ' + bits));
  lines.push(made('array_of_maps', 'key 4 value 4 entries 8 ' + inner), made('hash_of_maps', 'key 4 value 4 entries 8 ' + inner));
  for (const type of ['array_of_maps', 'hash_of_maps'])
    for (let key = 0; key < 5; key++) lines.push(filled(type, 'key ' + key + ' 0 0 0 value pinned /sys/fs/bpf/t_array'));
  // Taken from once they are full, so that they go over their end.
  for (const [type, push, pop] of [['queue', 'enqueue', 'dequeue'], ['stack', 'push', 'pop']]) {
    const pinned = ' pinned /sys/fs/bpf/t_' + type;
    lines.push(made(type, 'key 0 value 12 entries 4'));
    for (const value of [1, 2, 3, 4]) lines.push('map ' + push + pinned + ' value ' + value + ' 0 0 0 0 0 0 0 0 0 0 9');
    lines.push('map ' + pop + pinned, 'map ' + pop + pinned, 'map ' + push + pinned + ' value 5 0 0 0 0 0 0 0 0 0 0 9');
  }
  run('bpftool', ['batch', 'file', '-'], lines.join('\\n'));
  const sample = JSON.parse(run('bpf_maps_sample', ['1']));
  const shown = bpftool('map', 'show');
  const dumped = shown.filter(({ type }) => /(array|hash|_of_maps|lpm_trie)$/.test(type));
  const peeked = ['t_queue', 't_stack'].map((name) => bpftool('map', 'peek', 'name', name).value);
  tell({ shown, sample, peeked, dumps: dumped.map(({ id, name }) => ({ name, entries: bpftool('map', 'dump', 'id', String(id)) })) });
`;

interface Told {
  shown: ShownMap[];
  dumps: { name: string; entries: DumpedEntry[] }[];
  /** The next element of the queue, and of the stack. */
  peeked: string[][];
  sample: {
    storage: { pid: number; total: string; level: number };
    s_ring: string;
    s_user_ring: string;
    arena: { address: string; text: string }[];
  };
}

function shownAs({ facts }: BpfMap): ShownMap {
  const { id, name, type, flags, keySize, valueSize, maxEntries } = facts;
  return { id, name, type, flags, bytes_key: keySize, bytes_value: valueSize, max_entries: maxEntries };
}

function told({ type, ...shown }: ShownMap): ShownMap {
  return { ...shown, type: NEWER_TYPES[Number(type)] ?? type };
}

/** As bpftool dumps it. */
function dumpedAs({ keyBytes, values }: BpfEntry, isPerCpu: boolean): DumpedEntry {
  const key = hex(keyBytes);
  const bytes = values.map((value) => hex(value.bytes()));
  return isPerCpu ? { key, values: bytes.map((value, cpu) => ({ cpu, value })) } : { key, value: bytes[0] ?? [] };
}

/** The same, as the BTF of the maps that have one says: struct sample. */
function formattedAs({ key, values }: BpfEntry, isPerCpu: boolean): NonNullable<DumpedEntry['formatted']> {
  const plain = { key: key.kind === 'int' ? key.value : null };
  const samples = values.map((value) => ({ total: value.get('total').number(), level: value.get('level').number() }));
  return isPerCpu
    ? { ...plain, values: samples.map((value, cpu) => ({ cpu, value })) }
    : { ...plain, value: samples[0] };
}

const byKey = (a: DumpedEntry, b: DumpedEntry): number => (String(a.key) < String(b.key) ? -1 : 1);

test.each(ROWS)("maps of a paused machine hold what the guest's own bpftool says: $name", async ({ options }) => {
  await using guest = await stopGuest(BODY, { ...options, cores: 3, includeFiles: [bpftoolPath(), SAMPLE] });
  const { shown, dumps, sample, peeked } = guest.told as Told;
  const kernel = Kernel.locate(guest.machine.memory, guest.info);

  // Of what bpftool shows, that which is compared.
  expect(shown.map(told)).toMatchObject(maps(kernel).map(shownAs));
  expect(maps(kernel)).toHaveLength(19);
  expect(dumps).toHaveLength(13);
  for (const { name, entries } of dumps) {
    const isPerCpu = name.includes('percpu');
    const own = [...map(kernel, name).entries()].map((entry): DumpedEntry => {
      const bytes = dumpedAs(entry, isPerCpu);
      return name.startsWith('s_') ? { ...bytes, formatted: formattedAs(entry, isPerCpu) } : bytes;
    });
    expect(own.length).toBeGreaterThanOrEqual(5);
    expect({ name, entries: own.toSorted(byKey) }).toEqual({ name, entries: entries.toSorted(byKey) });
  }

  const [queue, stack] = ['t_queue', 't_stack'].map((name) =>
    [...map(kernel, name).entries()].map(({ values: [value] }) => hex(value?.bytes() ?? Buffer.alloc(0))),
  ) as [string[][], string[][]];
  expect([queue[0], stack[0]]).toEqual(peeked);
  expect(queue.map(([first]) => Number(first))).toEqual([3, 4, 5]);
  expect(stack.map(([first]) => Number(first))).toEqual([5, 2, 1]);
  const inner = map(kernel, 't_hash_of_maps').get('[3]').number();
  expect(map(kernel, inner).name).toBe('t_array');

  const { storage, arena } = sample;
  const stored = map(kernel, 's_storage').lookup(storage.pid)?.values[0];
  expect(stored?.get('total').big()).toBe(BigInt(storage.total));
  expect(stored?.get('level').number()).toBe(storage.level);
  expect(map(kernel, 's_ring').ringbuf()).toMatchObject({ sizeBytes: 8192, consumerPosition: BigInt(sample.s_ring) });
  expect(map(kernel, 's_user_ring').ringbuf()).toMatchObject({ producerPosition: BigInt(sample.s_user_ring) });
  const pages = map(kernel, 's_arena').arena();
  expect(pages.pages()).toEqual(arena.map(({ address }) => BigInt(address)));
  const texts = pages.pages().map((address) => pages.read(address, 16).toString().replace(/\0.*/s, ''));
  expect(texts).toEqual(arena.map(({ text }) => text));
  expect(() => pages.read(pages.userStart + 2n * 4096n, 1)).toThrow(expect.objectContaining({ code: 'guest-memory' }));
});

/** What is written from outside, and what bpftool then says of it. */
const READ_BACK = `
  ${BODY}
  const entry = (name, index) => bpftool('map', 'lookup', 'name', name, 'key', ...[index % 256, index >> 8, 0, 0].map(String));
  const isEmpty = () => entry('t_array', 3).value.every((byte) => Number(byte) === 0);
  while (isEmpty()) await new Promise((resolve) => setTimeout(resolve, 50));
  tell({ array: entry('t_array', 3), mmapable: entry('s_mmapable', 299), perCpu: entry('s_percpu_array', 4) });
`;

test('values that are written into arrays of a paused machine are what the guest finds there', async () => {
  await using guest = await stopGuest(READ_BACK, { cores: 3, includeFiles: [bpftoolPath(), SAMPLE] });
  const kernel = Kernel.locate(guest.machine.memory, guest.info);
  map(kernel, 't_array').get('[3]').set(Buffer.from('hello, guest'));
  map(kernel, 's_mmapable').get('[299].level').set(-299);
  map(kernel, 's_percpu_array')
    .get('[4][2].total')
    .set(1n << 40n);
  expect(() => map(kernel, 's_hash').get('[1].level').set(1)).toThrow('a map of type hash is not written from outside');
  expect(() => map(kernel, 's_mmapable').get('[300]')).toThrow('[0] to [299]');

  const { array, mmapable, perCpu } = (await guest.untilNext()) as Record<string, DumpedEntry>;
  expect(array?.value).toEqual(hex(Buffer.from('hello, guest')));
  expect(mmapable?.formatted?.value).toEqual({ total: 0, level: -299 });
  expect(perCpu?.formatted?.values?.map(({ value }) => value)).toEqual([
    { total: 2 ** 32 + 4, level: 0 },
    { total: 2 * 2 ** 32 + 4, level: -1 },
    { total: 2 ** 40, level: -2 },
  ]);
});
