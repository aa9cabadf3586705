import { describe, expect, test } from '@jest/globals';

import { map, maps } from '../../../../../src/host/monitor/bpf/maps';
import { renderCompact } from '../../../../../src/host/monitor/btf/render-value';
import { HEAP, SmallKernel } from './small-kernel';

const TYPE = {
  hash: 1,
  array: 2,
  percpuHash: 5,
  percpuArray: 6,
  lpmTrie: 11,
  arrayOfMaps: 12,
  hashOfMaps: 13,
  queue: 22,
  stack: 23,
  structOps: 26,
  ringbuf: 27,
  taskStorage: 29,
  arena: 33,
};
/** Behind the struct bpf_map of which all these begin. */
const BEHIND_MAP = 104;

/** Its only map, called `m`, of 4-byte keys and values of `valueSize` bytes. */
function oneMap(type: number, more: Record<string, number | bigint> = {}): SmallKernel {
  const small = new SmallKernel();
  const facts = { id: 1, map_type: type, key_size: 4, value_size: 4, max_entries: 4, name: 'm' };
  small.put('bpf_map', HEAP, { ...facts, ...more });
  small.fill('map_idr', [HEAP]);
  return small;
}

/** What the map holds, as text. */
function contents({ kernel }: SmallKernel): string[] {
  return [...map(kernel, 'm').entries()].map(({ key, values }) => {
    return `${renderCompact(key)}: ${values.map((value) => renderCompact(value.value())).join(' ')}`;
  });
}

describe('maps()', () => {
  test('tells what each is, by rising id', () => {
    const small = new SmallKernel();
    small.put('bpf_map', HEAP, {
      id: 1,
      map_type: TYPE.array,
      value_size: 12,
      max_entries: 9,
      map_flags: 1024,
      name: 'one',
    });
    small.put('bpf_map', HEAP + 512, { id: 2, map_type: 19, name: 'sixteen letters!' });
    small.put('bpf_map', HEAP + 1024, { id: 3, map_type: 99, name: 'new' });
    small.fill('map_idr', [HEAP, HEAP + 512, HEAP + 1024]);
    expect(maps(small.kernel).map(({ facts }) => facts)).toMatchObject([
      { id: 1, name: 'one', type: 'array', valueSize: 12, maxEntries: 9, flags: 1024 },
      { id: 2, name: 'sixteen letters!', type: 'cgroup_storage' },
      { id: 3, name: 'new', type: '99' },
    ]);
  });

  test('passes over one that is not in its place, and one that lies nowhere', () => {
    const small = oneMap(TYPE.array);
    small.put('bpf_map', HEAP + 512, { id: 7, map_type: TYPE.array });
    small.fill('map_idr', [HEAP, HEAP + 512, -4096]);
    expect(maps(small.kernel).map(({ name }) => name)).toEqual(['m']);
  });
});

test('maps() sees what is mapped anew where another map was', () => {
  const small = oneMap(TYPE.array);
  expect(maps(small.kernel).map(({ name }) => name)).toEqual(['m']);
  small.put('bpf_map', 2 * HEAP, { id: 1, map_type: TYPE.array, name: 'new' });
  small.tables.map(small.at(HEAP), 2 * HEAP);
  expect(maps(small.kernel).map(({ name }) => name)).toEqual(['new']);
});

describe('map()', () => {
  test('finds by name or id, and says what there is', () => {
    const small = new SmallKernel();
    for (const [index, name] of ['a', 'b', 'b'].entries())
      small.put('bpf_map', HEAP + index * 512, { id: index + 1, map_type: TYPE.array, name });
    small.fill('map_idr', [HEAP, HEAP + 512, HEAP + 1024]);
    expect(map(small.kernel, 'a').facts.id).toBe(1);
    expect(map(small.kernel, 3).name).toBe('b');
    expect(() => map(small.kernel, 'b')).toThrow(
      'find the BPF map "b": there are 2; give an id. There are: b (id 2), b (id 3)',
    );
    expect(() => map(small.kernel, 'c')).toThrow('find the BPF map "c": there is none. There are: a, b');
    expect(() => map(small.kernel, 4)).toThrow(expect.objectContaining({ code: 'bpf-unknown' }));
  });
});

describe('BpfMap', () => {
  test('reads an array, whose values lie 8 bytes apart', () => {
    const small = oneMap(TYPE.array);
    for (let index = 0; index < 4; index++) small.bytes.writeUInt32LE(index * 11, HEAP + BEHIND_MAP + index * 8);
    expect(contents(small)).toEqual(['0: 0', '1: 11', '2: 22', '3: 33']);
    expect(map(small.kernel, 'm').get('[2]').number()).toBe(22);
    expect(map(small.kernel, 'm').lookup(4)).toBeUndefined();
    expect(() => map(small.kernel, 'm').get('[4]')).toThrow('there is nothing under the key 4. There are: [0] to [3]');
    expect(() => map(small.kernel, 'm').lookup(-1)).toThrow(expect.objectContaining({ code: 'value-refused' }));
  });

  test('reads a per-CPU array, whose values are where each CPU has its copy', () => {
    const small = oneMap(TYPE.percpuArray, { max_entries: 2 });
    for (const index of [0, 1]) {
      small.bytes.writeBigUInt64LE(small.at(HEAP + 1024 + index * 8), HEAP + BEHIND_MAP + index * 8);
      for (const cpu of [0, 1]) small.bytes.writeUInt32LE(index * 10 + cpu, HEAP + 1024 + index * 8 + cpu * 64);
    }
    expect(contents(small)).toEqual(['0: 0 1', '1: 10 11']);
    expect(map(small.kernel, 'm').get('[1][1]').number()).toBe(11);
    expect(() => map(small.kernel, 'm').get('[1][2]')).toThrow('behind the key is a CPU from 0 to 1');
  });

  /** Two buckets: the first holds one element, the second two; keys 1, 2, 3. */
  function oneHash(type: number): SmallKernel {
    const small = oneMap(type);
    const elements = [HEAP + 1024, HEAP + 1088, HEAP + 1152];
    small.put('bpf_htab', HEAP, { buckets: small.at(HEAP + 512), n_buckets: 2 });
    small.bytes.writeBigUInt64LE(small.at(HEAP + 1024), HEAP + 512);
    small.bytes.writeBigUInt64LE(small.at(HEAP + 1088), HEAP + 528);
    for (const [index, at] of elements.entries()) small.bytes.writeUInt32LE(index + 1, at + 8);
    // How a chain ends: with the number of its bucket.
    small.bytes.writeBigUInt64LE(1n, HEAP + 1024);
    small.bytes.writeBigUInt64LE(small.at(HEAP + 1152), HEAP + 1088);
    small.bytes.writeBigUInt64LE(3n, HEAP + 1152);
    return small;
  }

  test('reads a hash', () => {
    const small = oneHash(TYPE.hash);
    for (const index of [0, 1, 2]) small.bytes.writeUInt32LE(index + 100, HEAP + 1024 + index * 64 + 16);
    expect(contents(small)).toEqual(['1: 100', '2: 101', '3: 102']);
    expect(map(small.kernel, 'm').get('[3]').number()).toBe(102);
    expect(
      map(small.kernel, 'm')
        .lookup(Buffer.from([2, 0, 0, 0]))
        ?.values[0]?.number(),
    ).toBe(101);
    expect(() => map(small.kernel, 'm').get('[4]')).toThrow('under the key 4. There are: 1, 2, 3');
    expect(() => map(small.kernel, 'm').lookup(Buffer.from([2]))).toThrow('write 1 bytes as unsigned int: it has 4');
    expect(() => map(small.kernel, 'm').get('[1]').set(5)).toThrow('a map of type hash is not written from outside');
  });

  test('reads a per-CPU hash', () => {
    const small = oneHash(TYPE.percpuHash);
    for (const index of [0, 1, 2]) {
      small.bytes.writeBigUInt64LE(small.at(HEAP + 2048 + index * 8), HEAP + 1024 + index * 64 + 16);
      for (const cpu of [0, 1]) small.bytes.writeUInt32LE(index * 10 + cpu, HEAP + 2048 + index * 8 + cpu * 64);
    }
    expect(contents(small)).toEqual(['1: 0 1', '2: 10 11', '3: 20 21']);
  });

  test('ends a chain that leads back, or nowhere', () => {
    const small = oneHash(TYPE.hash);
    small.bytes.writeBigUInt64LE(small.at(HEAP + 1088), HEAP + 1152);
    small.bytes.writeBigUInt64LE(0xffff_9000_0000_0000n, HEAP + 1024);
    expect(contents(small)).toEqual(['1: 0', '2: 0', '3: 0']);
  });

  test('refuses a hash of more buckets than a map can have', () => {
    const small = oneHash(TYPE.hash);
    small.put('bpf_htab', HEAP, { n_buckets: 2 ** 28 });
    expect(() => contents(small)).toThrow(expect.objectContaining({ code: 'decode' }));
  });

  test.each([
    { name: 'queue', type: TYPE.queue, order: [3, 4, 0] },
    { name: 'stack', type: TYPE.stack, order: [0, 4, 3] },
  ])(
    'reads a $name in the order in which its elements would be taken, over the end of its slots',
    ({ type, order }) => {
      const small = oneMap(type, { key_size: 0 });
      small.put('bpf_queue_stack', HEAP, { head: 1, tail: 3, size: 5 });
      const slots = HEAP + BEHIND_MAP + 24;
      for (let slot = 0; slot < 5; slot++) small.bytes.writeUInt32LE(slot, slots + slot * 4);
      const values = [...map(small.kernel, 'm').entries()].map(({ values: [value] }) => value?.number());
      expect(values).toEqual(order);
      small.put('bpf_queue_stack', HEAP, { tail: 5 });
      expect(() => contents(small)).toThrow('decode a BPF map: at its slots: head 1, tail 5 of 5 slots');
    },
  );

  test('reads an LPM trie, less the nodes at which prefixes part, and enters no node twice', () => {
    const small = oneMap(TYPE.lpmTrie, { key_size: 8 });
    const [root, left, right] = [HEAP + 1024, HEAP + 1088, HEAP + 1152] as [number, number, number];
    small.put('lpm_trie', HEAP, { root: small.at(root) });
    const children = { 'child[0]': small.at(left), 'child[1]': small.at(right) };
    small.put('lpm_trie_node', root, { ...children, prefixlen: 8, flags: 1 });
    small.put('lpm_trie_node', left, { prefixlen: 9, 'child[0]': small.at(root) });
    small.put('lpm_trie_node', right, { prefixlen: 32, 'child[1]': 0xffff_9000_0000_0000n });
    for (const [node, value] of [
      [left, 1],
      [right, 2],
    ] as const) {
      small.bytes.writeUInt32LE(value << 24, node + 32);
      small.bytes.writeUInt32LE(value * 11, node + 36);
    }
    const entries = [...map(small.kernel, 'm').entries()];
    expect(entries.map(({ keyBytes, values: [value] }) => [keyBytes.toString('hex'), value?.number()])).toEqual([
      ['0900000000000001', 11],
      ['2000000000000002', 22],
    ]);
  });

  test('reads maps of maps, of which it tells the ids', () => {
    const array = oneMap(TYPE.arrayOfMaps);
    array.bytes.writeBigUInt64LE(array.at(HEAP), HEAP + BEHIND_MAP + 2 * 8);
    expect(contents(array)).toEqual(['2: 1']);
    array.put('bpf_map', HEAP, { max_entries: 2 ** 31 });
    expect(() => contents(array)).toThrow(expect.objectContaining({ code: 'decode' }));
    const hash = oneHash(TYPE.hashOfMaps);
    hash.bytes.writeBigUInt64LE(hash.at(HEAP), HEAP + 1024 + 16);
    expect(contents(hash)).toEqual(['1: 1']);
  });

  test('reads a task storage by the pid of its tasks, less one that is being freed', () => {
    const small = oneMap(TYPE.taskStorage);
    const elements = [HEAP + 1024, HEAP + 1088];
    small.put('bpf_local_storage_map', HEAP, { buckets: small.at(HEAP + 512), bucket_log: 1 });
    small.bytes.writeBigUInt64LE(small.at(HEAP + 1024), HEAP + 520);
    for (const [index, at] of elements.entries()) {
      small.put('bpf_local_storage_elem', at, { local_storage: small.at(HEAP + 2048 + index * 8) });
      small.bytes.writeUInt32LE(7 + index, at + 24);
    }
    small.bytes.writeBigUInt64LE(small.at(HEAP + 1088), HEAP + 1024);
    small.put('bpf_local_storage', HEAP + 2048, { owner: small.at(HEAP + 3000) });
    small.put('task_struct', HEAP + 3000, { pid: 4711 });
    expect(contents(small)).toEqual(['4711: 7']);
  });

  test('reads how far a ring buffer is', () => {
    const small = oneMap(TYPE.ringbuf);
    small.put('bpf_ringbuf_map', HEAP, { rb: small.at(HEAP + 1024) });
    small.put('bpf_ringbuf', HEAP + 1024, { mask: 4095, consumer_pos: 8, producer_pos: 1n << 40n, pending_pos: 16 });
    expect(map(small.kernel, 'm').ringbuf()).toEqual({
      ...{ sizeBytes: 4096, consumerPosition: 8n },
      ...{ producerPosition: 1n << 40n, pendingPosition: 16n },
    });
    expect(() => map(small.kernel, 'm').arena()).toThrow(
      'read the pages of the BPF map "m": it is of type ringbuf. That is for arena',
    );
    expect(() => contents(small)).toThrow(expect.objectContaining({ code: 'bpf-map-type' }));
  });

  test('reads an arena where the kernel has it', () => {
    const small = oneMap(TYPE.arena);
    // In front of it is what an offset of an instruction reaches.
    small.put('bpf_arena', HEAP, { user_vm_start: 0x7000_0000_0000n, kern_vm: small.at(HEAP + 1024) });
    small.put('vm_struct', HEAP + 1024, { addr: small.at(8192) - 32_768n });
    small.bytes.write('arena', 8192 + 16);
    const arena = map(small.kernel, 'm').arena();
    expect(arena.read(0x7000_0000_0010n, 5).toString()).toBe('arena');
    expect(arena.pages().slice(0, 2)).toEqual([0x7000_0000_0000n, 0x7000_0000_1000n]);
  });
});
