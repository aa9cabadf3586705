import { describe, expect, test } from '@jest/globals';

import { writeBpf } from '../../../../../src/host/monitor/bpf/write-bpf';
import type { BpfMapWrite } from '../../../../../src/verdict/monitor/bpf-settings';
import { BSS, COUNTS, PER_CPU, PER_CPU_AT, smallScheduler } from './small-scheduler';

describe('writeBpf()', () => {
  test.each<{ name: string; write: BpfMapWrite; at: number; bytes: string }>([
    { name: 'a variable', write: { variable: 'stall', value: 1 }, at: BSS, bytes: '01000000' },
    { name: 'a part of one', write: { variable: 'limits.high', value: 2n }, at: BSS + 8, bytes: '02000000' },
    {
      name: 'one whose own name has a dot',
      write: { variable: 'limits.low', value: 3 },
      at: BSS + 12,
      bytes: '03000000',
    },
    {
      name: 'a field of a map by how its name ends',
      write: { map: '.bss', field: 'limits.low', value: 4 },
      at: BSS + 4,
      bytes: '04000000',
    },
    {
      name: 'a value of an array',
      write: { map: 'counts', field: '[2]', value: 5 },
      at: COUNTS + 16,
      bytes: '05000000',
    },
    {
      name: "a CPU's value",
      write: { map: 'per_cpu', field: '[0][1]', value: 6 },
      at: PER_CPU_AT + 64,
      bytes: '06000000',
    },
    {
      name: 'bytes at an offset, values being 8 bytes apart',
      write: { map: 'counts', offset: 16, bytes: 8, value: 2n ** 63n },
      at: COUNTS + 16,
      bytes: '0000000000000080',
    },
  ])('writes $name', ({ write, at, bytes }) => {
    const small = smallScheduler();
    const before = Buffer.from(small.bytes);
    writeBpf(small.kernel, [write]);
    const expected = Buffer.from(before);
    expected.write(bytes, at, 'hex');
    expect(small.bytes.equals(expected)).toBe(true);
  });

  test.each<{ name: string; write: BpfMapWrite; code: string; says: string }>([
    {
      name: 'an unknown variable',
      write: { variable: 'stal', value: 1 },
      code: 'bpf-unknown',
      says: '"stal": there is none. There are: stall',
    },
    {
      name: 'an unknown member',
      write: { variable: 'limits.hig', value: 1 },
      code: 'btf-unknown',
      says: '"hig" in BTF: there is none. Names like it: ',
    },
    {
      name: 'an unknown map',
      write: { map: '.bs', field: 'stall', value: 1 },
      code: 'bpf-unknown',
      says: '".bs": there is none. There are: ',
    },
    {
      name: 'an end of several names',
      write: { map: 's', field: '[0]', value: 1 },
      code: 'bpf-unknown',
      says: 'there are 2; give more of the name. There are: mine.bss (id 1), counts (id 3)',
    },
    {
      name: 'a map of another kind',
      write: { map: 'by_key', field: '[0]', value: 1 },
      code: 'bpf-map-type',
      says: 'it is of type hash. That is for array, percpu_array',
    },
    {
      name: 'bytes of a map of another kind',
      write: { map: 'per_cpu', offset: 0, bytes: 4, value: 1 },
      code: 'bpf-map-type',
      says: 'it is of type percpu_array. That is for array',
    },
    {
      name: 'a value that does not fit',
      write: { variable: 'stall', value: 2 ** 32 },
      code: 'value-refused',
      says: 'write 4294967296 as u32: allowed is a whole number from 0 to 4294967295',
    },
    {
      name: 'bytes beyond the last value',
      write: { map: 'counts', offset: 21, bytes: 4, value: 1 },
      code: 'value-refused',
      says: 'write 1 as bytes of counts: 4 bytes at 21 are beyond its values, which have 24',
    },
    {
      name: 'the values of all CPUs at once',
      write: { map: 'per_cpu', field: '[0]', value: 1 },
      code: 'value-refused',
      says: 'it has one for each CPU',
    },
    {
      name: 'a constant',
      write: { variable: 'cpus', value: 4 },
      code: 'value-refused',
      says: 'the map is frozen',
    },
    {
      name: 'bytes of a constant',
      write: { map: '.rodata', offset: 0, bytes: 4, value: 4 },
      code: 'value-refused',
      says: 'the map is frozen',
    },
  ])('refuses $name, and writes nothing else either', ({ write, code, says }) => {
    const small = smallScheduler();
    const before = Buffer.from(small.bytes);
    let thrown: unknown;
    try {
      writeBpf(small.kernel, [{ variable: 'stall', value: 1 }, write]);
    } catch (error) {
      thrown = error;
    }
    expect(thrown).toMatchObject({ code, message: expect.stringContaining(says) });
    expect(small.bytes.equals(before)).toBe(true);
  });

  test('writes nothing when a part of it is not mapped any more', () => {
    const small = smallScheduler();
    small.bytes.writeBigUInt64LE(1n << 60n, PER_CPU);
    const before = Buffer.from(small.bytes);
    const writes: BpfMapWrite[] = [
      { variable: 'stall', value: 1 },
      { map: 'per_cpu', field: '[0][0]', value: 1 },
    ];
    expect(() => writeBpf(small.kernel, writes)).toThrow(expect.objectContaining({ code: 'guest-memory' }));
    expect(small.bytes.equals(before)).toBe(true);
  });
});
