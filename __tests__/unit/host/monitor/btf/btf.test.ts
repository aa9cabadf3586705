import { expect, test } from '@jest/globals';
import { MAX_CHAIN } from '../../../../../src/host/monitor/btf/btf';
import { parseBtf } from '../../../../../src/host/monitor/btf/parse-btf';
import { typeName } from '../../../../../src/host/monitor/btf/type-name';
import { BtfBuilder } from './build-btf';
import { smallBtf } from './small-btf';

const { blob, ids } = smallBtf();
const btf = parseBtf(blob);

const decodeError = (at: string, problem: string) =>
  expect.objectContaining({ code: 'decode', fields: { what: 'BTF', at, problem: expect.stringContaining(problem) } });

test('type() gives void for 0, and the same object when asked again', () => {
  expect(btf.type(0)).toEqual({ kind: 'void', id: 0 });
  expect(btf.type(ids.rq)).toBe(btf.type(ids.rq));
});

test.each([btf.endId, 0xffffffff, -1, 1.5])('type(%d) fails when there is no such type', (id) => {
  expect(() => btf.type(id)).toThrow(decodeError(`type ${id}`, `the last type is ${btf.endId - 1}`));
});

test('find() tells types of one name apart by their kind', () => {
  const builder = new BtfBuilder();
  const [struct, func, second] = [builder.struct('rq', 4, []), builder.func('rq', 0), builder.struct('rq', 8, [])];
  const found = parseBtf(builder.build());
  expect(found.find('struct', 'rq')?.id).toBe(struct);
  expect(found.find('func', 'rq')?.id).toBe(func);
  expect([...found.findAll('struct', 'rq')].map(({ id }) => id)).toEqual([struct, second]);
  expect(found.find('union', 'rq')).toBeUndefined();
});

test('find() tells names apart that are equal for long', () => {
  const builder = new BtfBuilder();
  const long = 'x'.repeat(100);
  const ends = ['a', 'b', ''].map((end) => builder.struct(`${long}${end}`, 4, []));
  const found = parseBtf(builder.build());
  expect(['a', 'b', ''].map((end) => found.find('struct', `${long}${end}`)?.id)).toEqual(ends);
});

test('find() finds nothing by the empty name, or in a blob without types', () => {
  expect(btf.find('struct', '')).toBeUndefined();
  expect(parseBtf(new BtfBuilder().build()).find('struct', 'rq')).toBeUndefined();
});

test('struct() gives structs, unions, and what a typedef stands for', () => {
  const builder = new BtfBuilder();
  const union = builder.union('either', 8, []);
  const unnamed = builder.struct('', 4, []);
  builder.typedef('atomic_t', builder.qualifier('const', unnamed));
  const found = parseBtf(builder.build());
  expect(found.struct('either').id).toBe(union);
  expect(found.struct('atomic_t').id).toBe(unnamed);
});

test('struct() fails with the names that begin alike when there is no such struct', () => {
  const builder = new BtfBuilder();
  for (let index = 0; index < 30; index++) builder.struct(`cpu_${index}`, 4, []);
  builder.struct('task_struct', 4, []);
  builder.struct('task_group', 4, []);
  expect(() => parseBtf(builder.build()).struct('task_strukt')).toThrow(
    expect.objectContaining({
      code: 'btf-unknown',
      message: expect.stringMatching(/^find struct "task_strukt" in BTF: .*: task_struct, task_group, cpu_/),
    }),
  );
});

test.each([
  { kind: 'an enum', name: 'state', values: { DEAD: -1n, IDLE: 0n, BUSY: 1n } },
  { kind: 'an enum of 64 bits', name: 'exit_kind', values: { NONE: 0n, ERROR: 1024n, HUGE: 1n << 63n } },
])('enumValues() gives the values of $kind', ({ name, values }) => {
  expect(Object.fromEntries(btf.enumValues(name))).toEqual(values);
});

test('enumValues() fails when the name is of no enum', () => {
  expect(() => btf.enumValues('u32')).toThrow(
    expect.objectContaining({ fields: { what: 'enum', wanted: 'u32', available: ['state', 'exit_kind', 'u32'] } }),
  );
});

test('variables() and variable() tell where variables lie in their section', () => {
  const stall = { name: 'stall', section: '.bss', offset: 0, sizeBytes: 4, type: ids.u32 };
  expect(btf.variables('.bss')).toEqual([
    stall,
    { name: 'runqueues', section: '.bss', offset: 8, sizeBytes: 176, type: ids.rq },
  ]);
  expect(btf.variable('stall')).toEqual(stall);
});

test.each([
  { what: 'section', find: () => btf.variables('.data'), available: ['.bss'] },
  { what: 'variable', find: () => btf.variable('crash'), available: ['stall', 'runqueues'] },
  { what: 'function', find: () => btf.prototype('enqueue'), available: ['dispatch'] },
])('looking up a $what fails with the names there are', ({ what, find, available }) => {
  expect(find).toThrow(
    expect.objectContaining({ code: 'btf-unknown', fields: { what, wanted: expect.any(String), available } }),
  );
});

test('variables() leaves out the functions of a section', () => {
  const builder = new BtfBuilder();
  const func = builder.func('callback', builder.funcProto(0, []));
  const counter = builder.var('counter', builder.int('int', 4));
  builder.datasec('.ksyms', 4, [
    { var: func, at: 0, size: 0 },
    { var: counter, at: 0, size: 4 },
  ]);
  expect(
    parseBtf(builder.build())
      .variables('.ksyms')
      .map(({ name }) => name),
  ).toEqual(['counter']);
});

test('prototype() gives what a function takes and returns', () => {
  const { returnType, parameters } = btf.prototype('dispatch');
  expect(returnType).toBe(0);
  expect(parameters.map(({ name, type }) => `${typeName(btf, type)} ${name}`)).toEqual(['struct rq * rq']);
});

test('prototype() fails when a function has no prototype', () => {
  const builder = new BtfBuilder();
  const func = builder.func('odd', builder.int('int', 4));
  expect(() => parseBtf(builder.build()).prototype('odd')).toThrow(decodeError(`type ${func}`, 'of kind int'));
});

test.each([
  { type: 'a typedef', id: ids.u32, bytes: 4 },
  { type: 'an array of arrays', id: ids.grid, bytes: 32 },
  { type: 'a struct', id: ids.rq, bytes: 176 },
  { type: 'a pointer', id: ids.callback, bytes: 8 },
  { type: 'a variable', id: ids.stall, bytes: 4 },
  { type: 'a section', id: ids.bss, bytes: 184 },
])('sizeOf() gives the bytes of $type', ({ id, bytes }) => {
  expect(btf.sizeOf(id)).toBe(bytes);
});

test.each([
  { type: 'void', id: 0 },
  { type: 'a function', id: ids.dispatch },
])('sizeOf() fails for $type', ({ id }) => {
  expect(() => btf.sizeOf(id)).toThrow(decodeError(`type ${id}`, 'has none'));
});

test('sizeOf() fails for an array larger than any memory', () => {
  const builder = new BtfBuilder();
  let id = builder.int('long', 8);
  for (let dimension = 0; dimension < 3; dimension++) id = builder.array(id, 0xffffffff);
  expect(() => parseBtf(builder.build()).sizeOf(id)).toThrow(decodeError(`type ${id}`, 'larger than any memory'));
});

test('resolve() goes through as many typedefs as are allowed, and fails behind more', () => {
  const builder = new BtfBuilder();
  const int = builder.int('int', 4);
  let id = int;
  for (let step = 0; step < MAX_CHAIN - 1; step++) id = builder.typedef(`t${step}`, id);
  const longer = builder.qualifier('const', builder.typedef('last', id));
  const found = parseBtf(builder.build());
  expect(found.resolve(id).id).toBe(int);
  expect(() => found.resolve(longer)).toThrow(decodeError(`type ${longer}`, 'typedefs'));
});

test.each([
  { cycle: 'typedefs', make: (b: BtfBuilder) => b.typedef('a', b.typedef('b', 1)), problem: 'typedefs' },
  { cycle: 'an array', make: (b: BtfBuilder) => b.array(1, 1), problem: 'dimensions' },
])('sizeOf() and typeName() end for a cycle of $cycle', ({ make, problem }) => {
  const builder = new BtfBuilder();
  // Type 1 leads to the type that is made last, which leads to type 1.
  builder.raw(0, 10 * 2 ** 24, make(shiftedBy(1)));
  make(builder);
  const found = parseBtf(builder.build());
  expect(() => found.sizeOf(1)).toThrow(decodeError('type 1', problem));
  expect(typeName(found, 1).length).toBeLessThan(1000);
});

/** A builder whose ids are those that another gives behind `count` records. */
function shiftedBy(count: number): BtfBuilder {
  const builder = new BtfBuilder();
  for (let index = 0; index < count; index++) builder.int('', 4);
  return builder;
}

test('a name longer than the kernel accepts fails, where it is read', () => {
  const builder = new BtfBuilder();
  const id = builder.struct('x'.repeat(600), 4, []);
  expect(() => parseBtf(builder.build()).type(id)).toThrow(decodeError('string 1', 'longer than 512 bytes'));
});

test('a name behind the strings fails, where it is read', () => {
  const builder = new BtfBuilder();
  const id = builder.raw(77, 4 * 2 ** 24, 4);
  const found = parseBtf(builder.build());
  expect(() => found.type(id)).toThrow(decodeError('string 77', 'the strings end at 1'));
  expect(() => found.find('struct', 'x')).toThrow(decodeError('string 77', 'the strings end at 1'));
});

test.each([
  { id: ids.comm, name: 'char[16]' },
  { id: ids.grid, name: 'u32[2][4]' },
  { id: ids.callback, name: 'int (*)()' },
  { id: ids.name, name: 'const char * restrict' },
  { id: ids.inner, name: 'struct {...}' },
])('typeName() writes $name', ({ id, name }) => {
  expect(typeName(btf, id)).toBe(name);
});
