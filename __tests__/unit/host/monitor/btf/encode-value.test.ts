import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';

import { encodeValue, type Writable } from '../../../../../src/host/monitor/btf/encode-value';
import { parseBtf } from '../../../../../src/host/monitor/btf/parse-btf';
import { readValue } from '../../../../../src/host/monitor/btf/read-value';
import { BOOL, BtfBuilder, CHAR, SIGNED } from './build-btf';

const builder = new BtfBuilder();
const char = builder.int('char', 1, { encoding: CHAR });
const u32 = builder.int('unsigned int', 4);
const TYPES = {
  u8: builder.int('unsigned char', 1),
  s16: builder.int('short', 2, { encoding: SIGNED }),
  u32: builder.qualifier('const', builder.qualifier('volatile', builder.typedef('u32', u32))),
  s64: builder.int('long', 8, { encoding: SIGNED }),
  u64: builder.int('unsigned long', 8),
  bool: builder.int('_Bool', 1, { encoding: BOOL }),
  char,
  mode: builder.enum('mode', { OFF: 0, ON: 1, BACK: -1 }, { isSigned: true }),
  wide: builder.enum64('wide', { NONE: 0n, HUGE: 1n << 63n }),
  float: builder.float('float', 4),
  double: builder.float('double', 8),
  name: builder.array(char, 8),
  numbers: builder.array(u32, 2),
  ptr: builder.ptr(u32),
  pair: builder.struct('pair', 8, [
    { name: 'a', type: u32, at: 0 },
    { name: 'b', type: u32, at: 32 },
  ]),
};
const btf = parseBtf(builder.build());
const encode = (value: Writable, type: keyof typeof TYPES): Buffer => encodeValue(value, { btf, type: TYPES[type] });

describe('encodeValue()', () => {
  test.each<{ value: Writable; type: keyof typeof TYPES; bytes: number[] }>([
    { value: 255, type: 'u8', bytes: [255] },
    { value: -2, type: 's16', bytes: [0xfe, 0xff] },
    { value: 0x1234_5678n, type: 'u32', bytes: [0x78, 0x56, 0x34, 0x12] },
    { value: -(1n << 63n), type: 's64', bytes: [0, 0, 0, 0, 0, 0, 0, 0x80] },
    { value: true, type: 'bool', bytes: [1] },
    { value: false, type: 'bool', bytes: [0] },
    { value: 'A', type: 'char', bytes: [65] },
    { value: 'ON', type: 'mode', bytes: [1, 0, 0, 0] },
    { value: 'BACK', type: 'mode', bytes: [255, 255, 255, 255] },
    { value: 'HUGE', type: 'wide', bytes: [0, 0, 0, 0, 0, 0, 0, 0x80] },
    { value: 7, type: 'mode', bytes: [7, 0, 0, 0] },
    { value: 0.5, type: 'float', bytes: [0, 0, 0, 0x3f] },
    { value: 0.5, type: 'double', bytes: [0, 0, 0, 0, 0, 0, 0xe0, 0x3f] },
    { value: 'ab', type: 'name', bytes: [97, 98, 0, 0, 0, 0, 0, 0] },
    { value: Buffer.from([1, 0, 0, 0, 2, 0, 0, 0]), type: 'pair', bytes: [1, 0, 0, 0, 2, 0, 0, 0] },
  ])('writes $value as $type', ({ value, type, bytes }) => {
    expect([...encode(value, type)]).toEqual(bytes);
  });

  test.each<{ value: Writable; type: keyof typeof TYPES; says: string }>([
    { value: 256, type: 'u8', says: 'write 256 as unsigned char: allowed is a whole number from 0 to 255' },
    { value: -1, type: 'u32', says: 'from 0 to 4294967295' },
    { value: 32_768, type: 's16', says: 'from -32768 to 32767' },
    { value: 1n << 64n, type: 'u64', says: 'from 0 to 18446744073709551615' },
    { value: 2 ** 60, type: 'u64', says: 'allowed is a whole number' },
    { value: 0.5, type: 'u32', says: 'allowed is a whole number' },
    { value: Number.NaN, type: 'u32', says: 'allowed is a whole number' },
    { value: true, type: 'u32', says: 'allowed is a whole number' },
    { value: '1', type: 'u32', says: 'write "1" as const volatile u32' },
    { value: 1, type: 'bool', says: 'allowed is true or false' },
    { value: 'MAYBE', type: 'mode', says: 'allowed is OFF, ON, BACK' },
    { value: 'é', type: 'char', says: 'allowed is a whole number' },
    { value: '8 bytes!', type: 'name', says: 'a text of at most 7 bytes' },
    { value: 1n, type: 'double', says: 'allowed is a number' },
    { value: 1, type: 'numbers', says: 'it has parts' },
    { value: 1, type: 'pair', says: 'it has parts' },
    { value: 1, type: 'ptr', says: 'a pointer' },
    { value: Buffer.alloc(3), type: 'u32', says: 'write 3 bytes as const volatile u32: it has 4' },
  ])('refuses $value as $type', ({ value, type, says }) => {
    expect(() => encode(value, type)).toThrow(expect.objectContaining({ code: 'value-refused' }));
    expect(() => encode(value, type)).toThrow(says);
  });

  test('writes what readValue() reads', () => {
    const integers = fc.constantFrom('u8', 's16', 'u32', 's64', 'u64');
    fc.assert(
      fc.property(integers, fc.bigInt({ min: 0n, max: (1n << 64n) - 1n }), (name, raw) => {
        const type = TYPES[name as keyof typeof TYPES];
        const bits = btf.sizeOf(type) * 8;
        const value = name.startsWith('s') ? BigInt.asIntN(bits, raw) : BigInt.asUintN(bits, raw);
        const read = readValue(encodeValue(value, { btf, type }), { btf, type });
        expect(read.kind === 'int' && BigInt(read.value)).toBe(value);
      }),
    );
  });
});
