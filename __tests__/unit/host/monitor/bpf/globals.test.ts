import { describe, expect, test } from '@jest/globals';

import { global, globals } from '../../../../../src/host/monitor/bpf/globals';
import { map } from '../../../../../src/host/monitor/bpf/maps';
import { BtfBuilder } from '../btf/build-btf';
import { HEAP, SmallKernel } from './small-kernel';

const BTF_AT = HEAP + 2048;
const BLOB_AT = HEAP + 4096;
/** Of a map: where its struct bpf_map is, and behind it its value. */
const MAP_BYTES = 512;
const BEHIND_MAP = 104;

/** The variables of two schedulers: `stall` of both, `nr` of the first, and `cpus`, which is a constant. */
function twoSchedulers(): SmallKernel {
  const builder = new BtfBuilder();
  const u32 = builder.int('u32', 4);
  const variable = (name: string, at: number): { var: number; at: number; size: number } => {
    return { var: builder.var(name, u32), at, size: 4 };
  };
  const [stall, nr, dotted] = [variable('stall', 0), variable('nr', 4), variable('now.calls', 8)];
  const bss = builder.datasec('.bss', 12, [stall, nr, dotted]);
  const other = builder.datasec('.bss', 4, [variable('stall', 0)]);
  const rodata = builder.datasec('.rodata', 4, [variable('cpus', 0)]);
  const blob = builder.build();

  const small = new SmallKernel();
  blob.copy(small.bytes, BLOB_AT);
  small.put('btf', BTF_AT, { data: small.at(BLOB_AT), data_size: blob.length });
  const array = { map_type: 2, key_size: 4, value_size: 16, max_entries: 1, btf: small.at(BTF_AT) };
  const constant = { map_flags: 128, frozen: 1 };
  small.put('bpf_map', HEAP, { ...array, id: 1, btf_value_type_id: bss, name: 'one.bss' });
  small.put('bpf_map', HEAP + MAP_BYTES, { ...array, id: 2, btf_value_type_id: other, name: 'two.bss' });
  small.put('bpf_map', HEAP + 2 * MAP_BYTES, {
    ...array,
    ...constant,
    id: 3,
    btf_value_type_id: rodata,
    name: 'one.rodata',
  });
  small.put('bpf_map', HEAP + 3 * MAP_BYTES, { ...array, id: 4, btf_value_type_id: u32, name: 'no variables' });
  small.fill(
    'map_idr',
    [0, 1, 2, 3].map((index) => HEAP + index * MAP_BYTES),
  );
  return small;
}

describe('globals()', () => {
  test('finds the variables of all programs, with the map that holds each', () => {
    const found = globals(twoSchedulers().kernel).map(({ name, map: { name: of } }) => `${of} ${name}`);
    expect(found).toEqual(['one.bss stall', 'one.bss nr', 'one.bss now.calls', 'two.bss stall', 'one.rodata cpus']);
  });
});

describe('global()', () => {
  test('reads and writes a variable where it lies', () => {
    const small = twoSchedulers();
    small.bytes.writeUInt32LE(7, HEAP + BEHIND_MAP + 4);
    const nr = global(small.kernel, 'nr');
    expect(nr.number()).toBe(7);
    nr.set(8);
    expect(small.bytes.readUInt32LE(HEAP + BEHIND_MAP + 4)).toBe(8);
    expect(() => nr.set(-1)).toThrow('write -1 as u32: allowed is a whole number from 0 to 4294967295');
  });

  test('refuses a name that several maps have, each of which knows its own', () => {
    const small = twoSchedulers();
    expect(() => global(small.kernel, 'stall')).toThrow(
      'find the BPF global variable "stall": there are 2; ask one of their maps. There are: that of map one.bss (id 1), that of map two.bss (id 2)',
    );
    map(small.kernel, 'two.bss').get('stall').set(1);
    expect(small.bytes.readUInt32LE(HEAP + MAP_BYTES + BEHIND_MAP)).toBe(1);
    expect(small.bytes.readUInt32LE(HEAP + BEHIND_MAP)).toBe(0);
  });

  test('writes no constant', () => {
    expect(() => global(twoSchedulers().kernel, 'cpus').set(4)).toThrow('write 4 as u32: the map is frozen');
  });

  test('says what there is when there is none of a name', () => {
    expect(() => global(twoSchedulers().kernel, 'stal')).toThrow('There are: stall, nr, now.calls, cpus');
  });
});
