import { describe, expect, test } from '@jest/globals';
import { parseBtf } from '../../../../../src/host/monitor/btf/parse-btf';
import { BOOL, BtfBuilder, CHAR, SIGNED } from './build-btf';

interface KindCase {
  name: string;
  add: (builder: BtfBuilder) => number;
  expected: object;
}

const kinds: KindCase[] = [
  {
    name: 'int',
    add: (b) => b.int('int', 4, { encoding: SIGNED }),
    expected: {
      kind: 'int',
      name: 'int',
      sizeBytes: 4,
      bits: 32,
      bitOffset: 0,
      isSigned: true,
      encoding: 'number',
    },
  },
  { name: 'char', add: (b) => b.int('char', 1, { encoding: CHAR }), expected: { encoding: 'char', isSigned: false } },
  { name: 'bool', add: (b) => b.int('_Bool', 1, { encoding: BOOL }), expected: { encoding: 'bool' } },
  {
    name: 'int of an old bitfield',
    add: (b) => b.int('int', 4, { bits: 3, bitOffset: 5 }),
    expected: { bits: 3, bitOffset: 5 },
  },
  { name: 'ptr', add: (b) => b.ptr(7), expected: { kind: 'ptr', type: 7 } },
  { name: 'array', add: (b) => b.array(7, 12), expected: { kind: 'array', type: 7, indexType: 0, length: 12 } },
  {
    name: 'struct',
    add: (b) =>
      b.struct('pair', 8, [
        { name: 'a', type: 1, at: 0 },
        { type: 2, at: 32 },
      ]),
    expected: {
      kind: 'struct',
      name: 'pair',
      sizeBytes: 8,
      members: [
        { name: 'a', type: 1, bitOffset: 0, bitSize: null },
        { name: '', type: 2, bitOffset: 32, bitSize: null },
      ],
    },
  },
  {
    name: 'struct with bitfields',
    add: (b) =>
      b.struct('', 4, [
        { name: 'a', type: 1, at: 5, width: 27 },
        { name: 'b', type: 1, at: 32 },
      ]),
    expected: {
      members: [
        { name: 'a', type: 1, bitOffset: 5, bitSize: 27 },
        { name: 'b', type: 1, bitOffset: 32, bitSize: null },
      ],
    },
  },
  { name: 'union', add: (b) => b.union('either', 8, []), expected: { kind: 'union', name: 'either', sizeBytes: 8 } },
  {
    name: 'enum',
    add: (b) => b.enum('e', { A: 0, B: 0xffffffff }),
    expected: {
      kind: 'enum',
      sizeBytes: 4,
      isSigned: false,
      values: [
        { name: 'A', value: 0n },
        { name: 'B', value: 0xffffffffn },
      ],
    },
  },
  {
    name: 'signed enum',
    add: (b) => b.enum('e', { A: -2 }, { isSigned: true, sizeBytes: 1 }),
    expected: { sizeBytes: 1, isSigned: true, values: [{ name: 'A', value: -2n }] },
  },
  { name: 'fwd of a struct', add: (b) => b.fwd('s', 'struct'), expected: { kind: 'fwd', name: 's', of: 'struct' } },
  { name: 'fwd of a union', add: (b) => b.fwd('u', 'union'), expected: { kind: 'fwd', name: 'u', of: 'union' } },
  { name: 'typedef', add: (b) => b.typedef('u32', 7), expected: { kind: 'typedef', name: 'u32', type: 7 } },
  { name: 'volatile', add: (b) => b.qualifier('volatile', 7), expected: { kind: 'volatile', type: 7 } },
  { name: 'const', add: (b) => b.qualifier('const', 0), expected: { kind: 'const', type: 0 } },
  { name: 'restrict', add: (b) => b.qualifier('restrict', 7), expected: { kind: 'restrict', type: 7 } },
  {
    name: 'func',
    add: (b) => b.func('f', 7, 2),
    expected: { kind: 'func', name: 'f', type: 7, linkage: 'extern' },
  },
  {
    name: 'func_proto',
    add: (b) => b.funcProto(3, [{ name: 'cpu', type: 7 }]),
    expected: { kind: 'func_proto', returnType: 3, parameters: [{ name: 'cpu', type: 7 }], isVariadic: false },
  },
  {
    name: 'variadic func_proto',
    add: (b) =>
      b.funcProto(0, [
        { name: 'fmt', type: 7 },
        { name: '', type: 0 },
      ]),
    expected: { parameters: [{ name: 'fmt', type: 7 }], isVariadic: true },
  },
  { name: 'var', add: (b) => b.var('v', 7, 0), expected: { kind: 'var', name: 'v', type: 7, linkage: 'static' } },
  {
    name: 'datasec',
    add: (b) => b.datasec('.bss', 16, [{ var: 3, at: 8, size: 4 }]),
    expected: { kind: 'datasec', name: '.bss', sizeBytes: 16, variables: [{ type: 3, offset: 8, sizeBytes: 4 }] },
  },
  { name: 'float', add: (b) => b.float('double', 8), expected: { kind: 'float', name: 'double', sizeBytes: 8 } },
  {
    name: 'decl_tag',
    add: (b) => b.declTag('hot', 7),
    expected: { kind: 'decl_tag', name: 'hot', type: 7, component: -1 },
  },
  { name: 'decl_tag of a member', add: (b) => b.declTag('hot', 7, 4), expected: { component: 4 } },
  { name: 'type_tag', add: (b) => b.typeTag('rcu', 7), expected: { kind: 'type_tag', name: 'rcu', type: 7 } },
  {
    name: 'enum64',
    add: (b) => b.enum64('e', { A: (1n << 63n) | 5n }),
    expected: { kind: 'enum64', sizeBytes: 8, values: [{ name: 'A', value: (1n << 63n) | 5n }] },
  },
  {
    name: 'signed enum64',
    add: (b) => b.enum64('e', { A: -(1n << 40n) }, { isSigned: true }),
    expected: { isSigned: true, values: [{ name: 'A', value: -(1n << 40n) }] },
  },
];

test.each(kinds)('parseBtf() reads a record of kind $name, and the one behind it', ({ add, expected }) => {
  const builder = new BtfBuilder();
  builder.int('before', 4);
  const id = add(builder);
  const last = builder.int('after', 2);
  const btf = parseBtf(builder.build());
  expect(btf.type(id)).toMatchObject({ id, ...expected });
  expect(btf.type(last)).toMatchObject({ kind: 'int', name: 'after', sizeBytes: 2 });
  expect(btf.endId).toBe(last + 1);
});

test('parseBtf() reads a blob that is not aligned in its memory', () => {
  const builder = new BtfBuilder();
  const id = builder.typedef('u32', builder.int('unsigned int', 4));
  const shifted = Buffer.concat([Buffer.from('x'), builder.build()]).subarray(1);
  expect(parseBtf(shifted).type(id)).toMatchObject({ kind: 'typedef', name: 'u32', type: 1 });
});

test('parseBtf() goes on with ids and names where those of the base end', () => {
  const base = new BtfBuilder();
  const int = base.int('int', 4);
  const module = new BtfBuilder(base);
  const own = module.struct('device', 4, [{ name: 'irq', type: int, at: 0 }]);
  const baseBtf = parseBtf(base.build());
  const btf = parseBtf(module.build(), baseBtf);
  expect(own).toBe(2);
  expect(btf.type(own)).toMatchObject({ name: 'device', members: [{ name: 'irq', type: int }] });
  expect(btf.type(int)).toMatchObject({ name: 'int' });
  expect(btf.find('int', 'int')).toEqual(baseBtf.type(int));
  expect(baseBtf.find('struct', 'device')).toBeUndefined();
});

test('parseBtf() takes a name of the base for a type of its own', () => {
  const base = new BtfBuilder();
  base.struct('list', 8, []);
  const module = new BtfBuilder(base);
  // Offset 1 is where the base keeps its first name.
  const own = module.raw(1, 4 * 2 ** 24, 16);
  const btf = parseBtf(module.build(), parseBtf(base.build()));
  expect(btf.type(own)).toMatchObject({ name: 'list', sizeBytes: 16 });
  expect([...btf.findAll('struct', 'list')].map(({ id }) => id)).toEqual([own, 1]);
});

describe('parseBtf() refuses', () => {
  const sound = (): Buffer => {
    const builder = new BtfBuilder();
    builder.int('int', 4);
    return builder.build();
  };
  const changed = (change: (blob: Buffer) => void) => (): Buffer => {
    const blob = sound();
    change(blob);
    return blob;
  };
  const record =
    (...words: number[]) =>
    (): Buffer => {
      const builder = new BtfBuilder();
      builder.raw(...words);
      return builder.build();
    };
  const damaged: { name: string; make: () => Buffer; at: string; problem: string }[] = [
    { name: 'nothing', make: () => Buffer.alloc(0), at: 'the header', problem: 'there are 0 bytes' },
    {
      name: 'big-endian BTF',
      make: changed((blob) => blob.writeUInt16BE(0xeb9f, 0)),
      at: 'the header',
      problem: 'big-endian',
    },
    { name: 'another magic number', make: changed((b) => b.writeUInt16LE(7, 0)), at: 'the header', problem: '0x7' },
    { name: 'another version', make: changed((b) => b.writeUInt8(2, 2)), at: 'the header', problem: 'version is 2' },
    { name: 'a short header', make: changed((b) => b.writeUInt32LE(20, 4)), at: 'the header', problem: '20 bytes' },
    {
      name: 'types behind the end',
      make: changed((b) => b.writeUInt32LE(0xffffffff, 8)),
      at: 'the type section',
      problem: 'it ends at byte',
    },
    {
      name: 'half a word of types',
      make: changed((b) => b.writeUInt32LE(6, 12)),
      at: 'the type section',
      problem: 'not whole words',
    },
    {
      name: 'strings behind the end',
      make: changed((b) => b.writeUInt32LE(6, 20)),
      at: 'the string section',
      problem: 'it ends at byte',
    },
    {
      name: 'a string that does not end',
      make: changed((b) => b.writeUInt32LE(3, 20)),
      at: 'the string section',
      problem: 'does not end',
    },
    {
      name: 'no empty string',
      make: changed((b) => b.writeUInt8(65, b.length - 5)),
      at: 'the string section',
      problem: 'not the empty one',
    },
    { name: 'kind 0', make: record(0, 0, 0), at: 'type 1', problem: 'no known kind' },
    { name: 'kind 20', make: record(0, 20 * 2 ** 24, 0), at: 'type 1', problem: 'no known kind' },
    { name: 'unused bits', make: record(0, 0x0401_0000, 0), at: 'type 1', problem: 'no known kind' },
    { name: 'half a record', make: record(0, 2 * 2 ** 24), at: 'type 1', problem: 'cut off' },
    { name: 'members that are not there', make: record(0, 0x0400_ffff, 8), at: 'type 1', problem: 'cut off' },
  ];
  test.each(damaged)('$name', ({ make, at, problem }) => {
    expect(() => parseBtf(make())).toThrow(
      expect.objectContaining({
        code: 'decode',
        fields: { what: 'BTF', at, problem: expect.stringContaining(problem) },
      }),
    );
  });
});
