import { expect, test } from '@jest/globals';
import { parseBtf } from '../../../../../src/host/monitor/btf/parse-btf';
import { readValue } from '../../../../../src/host/monitor/btf/read-value';
import { get } from '../../../../../src/host/monitor/btf/value';
import { BOOL, BtfBuilder, CHAR, SIGNED } from './build-btf';
import { readAs, smallRq } from './values';

const ones = (count: number): number[] => Array.from({ length: count }, () => 0xff);

interface ValueCase {
  name: string;
  add: (builder: BtfBuilder) => number;
  bytes: readonly number[];
  expected: object;
}

const cases: ValueCase[] = [
  { name: 'u8', add: (b) => b.int('u8', 1), bytes: [200], expected: { kind: 'int', type: 'u8', value: 200 } },
  { name: 's16', add: (b) => b.int('s16', 2, { encoding: SIGNED }), bytes: [0xfe, 0xff], expected: { value: -2 } },
  { name: 'u32', add: (b) => b.int('u32', 4), bytes: ones(4), expected: { kind: 'int', value: 0xffffffff } },
  { name: 's32', add: (b) => b.int('int', 4, { encoding: SIGNED }), bytes: ones(4), expected: { value: -1 } },
  { name: 'u64', add: (b) => b.int('u64', 8), bytes: ones(8), expected: { value: (1n << 64n) - 1n } },
  { name: 's64', add: (b) => b.int('s64', 8, { encoding: SIGNED }), bytes: ones(8), expected: { value: -1n } },
  { name: 'u128', add: (b) => b.int('u128', 16), bytes: ones(16), expected: { value: (1n << 128n) - 1n } },
  {
    name: 'a bool',
    add: (b) => b.int('_Bool', 1, { encoding: BOOL }),
    bytes: [1],
    expected: { kind: 'bool', value: true },
  },
  {
    name: 'a char',
    add: (b) => b.int('char', 1, { encoding: SIGNED }),
    bytes: [65],
    expected: { kind: 'char', value: 65 },
  },
  {
    name: 'an unsigned char',
    add: (b) => b.int('unsigned char', 1),
    bytes: [65],
    expected: { kind: 'int', value: 65 },
  },
  {
    name: 'an int of no known size',
    add: (b) => b.int('huge', 32),
    bytes: ones(32),
    expected: { kind: 'opaque', reason: 'an int of 32 bytes' },
  },
  {
    name: 'a float',
    add: (b) => b.float('float', 4),
    bytes: [0, 0, 0xc0, 0x3f],
    expected: { kind: 'float', value: 1.5 },
  },
  {
    name: 'a double',
    add: (b) => b.float('double', 8),
    bytes: [0, 0, 0, 0, 0, 0, 0xf8, 0x3f],
    expected: { kind: 'float', value: 1.5 },
  },
  { name: 'a long double', add: (b) => b.float('long double', 16), bytes: ones(16), expected: { kind: 'opaque' } },
  {
    name: 'a value that an enum names',
    add: (b) => b.enum('e', { A: -1 }, { isSigned: true }),
    bytes: ones(4),
    expected: { kind: 'enum', type: 'enum e', value: -1n, name: 'A' },
  },
  {
    name: 'a value that an enum does not name',
    add: (b) => b.enum('e', { A: 1, B: 2 }),
    bytes: [3, 0, 0, 0],
    expected: { value: 3n, name: null },
  },
  {
    name: 'an enum of one byte',
    add: (b) => b.enum('e', { A: 1 }, { sizeBytes: 1 }),
    bytes: [1],
    expected: { value: 1n, name: 'A' },
  },
  {
    name: 'an enum of 64 bits',
    add: (b) => b.enum64('e', { TOP: 1n << 63n }),
    bytes: [0, 0, 0, 0, 0, 0, 0, 0x80],
    expected: { value: 1n << 63n, name: 'TOP' },
  },
  {
    name: 'a pointer',
    add: (b) => b.ptr(b.qualifier('const', b.int('char', 1))),
    bytes: [1, 0, 0, 0, 0, 0x88, 0xff, 0xff],
    expected: { kind: 'ptr', type: 'const char *', value: 0xffff_8800_0000_0001n, target: 2 },
  },
  {
    name: 'characters up to the first zero',
    add: (b) => b.array(b.typedef('letter', b.int('char', 1, { encoding: CHAR })), 4),
    bytes: [0x61, 0x62, 0, 0x63],
    expected: { kind: 'string', value: 'ab' },
  },
  {
    name: 'characters without a zero',
    add: (b) => b.array(b.int('char', 1), 2),
    bytes: [0x61, 0x62, 0x63],
    expected: { value: 'ab' },
  },
  {
    name: 'bytes as numbers',
    add: (b) => b.array(b.int('unsigned char', 1), 2),
    bytes: [1, 2],
    expected: { kind: 'array', elements: [{ value: 1 }, { value: 2 }], omitted: 0 },
  },
  { name: 'an array of no length', add: (b) => b.array(b.int('u64', 8), 0), bytes: [], expected: { elements: [] } },
  { name: 'void', add: () => 0, bytes: [], expected: { kind: 'opaque', type: 'void' } },
  {
    name: 'a typedef under its own name',
    add: (b) => b.typedef('pid_t', b.int('int', 4)),
    bytes: [9, 0, 0, 0],
    expected: { type: 'pid_t', value: 9 },
  },
];

test.each(cases)('readValue() reads $name', ({ add, bytes, expected }) => {
  expect(readAs(add, bytes)).toMatchObject(expected);
});

test.each([
  { name: 'of 3 bits', width: 3, at: 6, expected: { kind: 'bitfield', value: 0b101, bits: 3 } },
  { name: 'of 64 bits', width: 64, at: 0, expected: { kind: 'bitfield', value: 0x8877_6655_4433_2140n, bits: 64 } },
  { name: 'of 60 bits that touches 9 bytes', width: 60, at: 5, expected: { value: 0xc43_bb32_aa21_990an } },
])('readValue() reads a bitfield $name', ({ width, at, expected }) => {
  const value = readAs(
    (b) => b.struct('s', 9, [{ name: 'bits', type: b.int('u64', 8), at, width }]),
    [0x40, 0x21, 0x33, 0x44, 0x55, 0x66, 0x77, 0x88, 0xff],
  );
  expect(get(value, 'bits')).toMatchObject(expected);
});

test('readValue() reads bitfields that are signed, an enum or a bool', () => {
  const value = readAs(
    (b) => {
      const [int, bool] = [b.int('int', 4, { encoding: SIGNED }), b.int('_Bool', 1, { encoding: BOOL })];
      return b.struct('s', 4, [
        { name: 'level', type: int, at: 0, width: 3 },
        { name: 'state', type: b.enum('state', { BUSY: 2 }), at: 3, width: 2 },
        { name: 'on', type: bool, at: 5, width: 1 },
        { name: 'odd', type: b.ptr(0), at: 6, width: 1 },
      ]);
    },
    [0b110_101 | (1 << 4) | (1 << 5), 0, 0, 0],
  );
  expect(get(value, 'level')).toMatchObject({ kind: 'bitfield', value: -3 });
  expect(get(value, 'state')).toMatchObject({ kind: 'enum', value: 2n, name: 'BUSY' });
  expect(get(value, 'on')).toMatchObject({ kind: 'bool', value: true });
  expect(get(value, 'odd')).toMatchObject({ kind: 'opaque' });
});

test.each([
  { path: 'nr_running', expected: { kind: 'int', type: 'volatile u32', value: 3 } },
  { path: 'comm', expected: { kind: 'string', type: 'char[16]', value: 'kworker/0:1' } },
  { path: 'state', expected: { kind: 'enum', value: -1n, name: 'DEAD' } },
  { path: 'curr', expected: { kind: 'ptr', type: 'struct sched_class *', value: 0xffff_8880_0123_4567n } },
  { path: 'se[2].tag', expected: { value: -2 } },
  { path: 'se[2].weight', expected: { value: 1024 } },
  { path: 'se[2].vtime', expected: { value: 2n << 40n } },
  { path: 'grid[1][3]', expected: { value: 7 } },
  { path: 'flags.level', expected: { kind: 'bitfield', value: -3 } },
  { path: 'flags.wide', expected: { kind: 'bitfield', value: 0xabcde, bits: 20 } },
  { path: 'exit', expected: { kind: 'enum', name: 'ERROR' } },
  { path: 'load', expected: { kind: 'float', value: 0.25 } },
  { path: 'callback', expected: { kind: 'ptr', value: 0n } },
])('get() finds $path in a struct', ({ path, expected }) => {
  expect(get(smallRq().value, path)).toMatchObject(expected);
});

test.each([
  { path: 'nr', what: 'member of struct rq', available: expect.arrayContaining(['nr_running', 'tail']) },
  { path: 'se[0].x', what: 'member of struct entity', available: ['tag', 'weight', 'vtime', 'slice'] },
  { path: 'se[3]', what: 'element of struct entity[3]', available: ['0 to 2'] },
  { path: 'comm.x', what: 'member of char[16]', available: [] },
  { path: 'comm[0]', what: 'element of char[16]', available: [] },
])('get() fails for $path with the names there are', ({ path, what, available }) => {
  expect(() => get(smallRq().value, path)).toThrow(
    expect.objectContaining({ code: 'btf-unknown', fields: { what, wanted: expect.any(String), available } }),
  );
});

test('readValue() fails at every length that is short of the struct', () => {
  const { bytes } = smallRq();
  const add = (b: BtfBuilder) => b.struct('s', 176, [{ name: 'last', type: b.int('u64', 8), at: 168 * 8 }]);
  for (let length = 0; length < bytes.length; length++) {
    expect(() => readAs(add, bytes.subarray(0, length))).toThrow(expect.objectContaining({ code: 'decode' }));
  }
  expect(get(readAs(add, bytes), 'last')).toMatchObject({ value: 0n });
});

test('readValue() fails for a member that lies behind its struct', () => {
  expect(() => readAs((b) => b.struct('s', 4, [{ name: 'a', type: b.int('u32', 4), at: 32 }]), [0, 0, 0, 0])).toThrow(
    expect.objectContaining({
      code: 'decode',
      fields: { what: 'a value', at: 'byte 4', problem: '4 bytes are needed, and there are 0' },
    }),
  );
});

/** A struct whose two members are of its own type. */
function selfHolding(): BtfBuilder {
  const builder = new BtfBuilder();
  builder.struct('s', 8, [
    { name: 'left', type: 1, at: 0 },
    { name: 'right', type: 1, at: 0 },
  ]);
  return builder;
}

test('readValue() stops at its depth', () => {
  const value = readValue(Buffer.alloc(8), { btf: parseBtf(selfHolding().build()), type: 1, maxDepth: 3 });
  expect(get(value, 'left.left.right')).toMatchObject({ kind: 'opaque', reason: 'more than 3 levels deep' });
});

test('readValue() stops at its number of values, and says what it left out', () => {
  const value = readValue(Buffer.alloc(8), { btf: parseBtf(selfHolding().build()), type: 1, maxValues: 100 });
  let count = 0;
  const visit = (node: typeof value): void => {
    count += 1;
    if (node.kind === 'struct') for (const member of node.members) visit(member.value);
  };
  visit(value);
  expect(count).toBe(100);
  expect(value).toMatchObject({ omitted: 1 });
});

test('readValue() reads no more elements than it may, and counts the others', () => {
  const builder = new BtfBuilder();
  const type = builder.array(builder.int('u8', 1), 1000);
  const value = readValue(Buffer.alloc(1000), { btf: parseBtf(builder.build()), type, maxElements: 4 });
  expect(value).toMatchObject({ elements: [0, 0, 0, 0].map((zero) => ({ value: zero })), omitted: 996 });
});

test('readValue() ends for an array of 2^32 empty structs', () => {
  const value = readAs((b) => b.array(b.struct('empty', 0, []), 0xffffffff), []);
  expect(value).toMatchObject({ kind: 'array', omitted: 0xffffffff - 256 });
});
