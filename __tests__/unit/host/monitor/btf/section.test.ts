import { describe, expect, test } from '@jest/globals';

import { member } from '../../../../../src/host/monitor/btf/layout';
import { parseBtf } from '../../../../../src/host/monitor/btf/parse-btf';
import { readValue } from '../../../../../src/host/monitor/btf/read-value';
import { renderCompact } from '../../../../../src/host/monitor/btf/render-value';
import { BtfBuilder } from './build-btf';

const builder = new BtfBuilder();
const u32 = builder.int('unsigned int', 4);
const u64 = builder.int('unsigned long', 8);
const prototype = builder.funcProto(0, []);
const section = builder.datasec('.bss', 16, [
  { var: builder.var('nr_local', u64), at: 0, size: 8 },
  { var: builder.func('helper', prototype), at: 0, size: 0 },
  { var: builder.var('stall', u32), at: 12, size: 4 },
]);
const btf = parseBtf(builder.build());

describe('a section of a BPF program', () => {
  test('has its variables for members', () => {
    expect(member(btf, section, 'stall')).toMatchObject({ offsetBytes: 12, sizeBytes: 4, type: u32 });
  });

  test('names them when there is none of a name', () => {
    expect(() => member(btf, section, 'stal')).toThrow(
      'find variable of .bss "stal" in BTF: there is none. Names like it: nr_local, stall',
    );
  });

  test('reads like a struct', () => {
    const bytes = Buffer.alloc(16);
    bytes.writeBigUInt64LE(5n, 0);
    bytes.writeUInt32LE(1, 12);
    expect(renderCompact(readValue(bytes, { btf, type: section }))).toBe('{nr_local = 5, stall = 1}');
    expect(() => readValue(bytes.subarray(0, 12), { btf, type: section })).toThrow('16 bytes are needed');
  });
});
