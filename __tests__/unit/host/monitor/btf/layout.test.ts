import { describe, expect, jest, test } from '@jest/globals';
import { hasMember, member } from '../../../../../src/host/monitor/btf/layout';
import { parseBtf } from '../../../../../src/host/monitor/btf/parse-btf';
import { BtfBuilder } from './build-btf';
import { smallBtf } from './small-btf';

const { blob, ids } = smallBtf();
const btf = parseBtf(blob);

describe('member()', () => {
  test.each([
    { path: 'nr_running', offsetBytes: 0, sizeBytes: 4 },
    { path: 'comm', offsetBytes: 4, sizeBytes: 16 },
    { path: 'comm[5]', offsetBytes: 9, sizeBytes: 1 },
    { path: 'curr', offsetBytes: 24, sizeBytes: 8 },
    { path: 'se[2].tag', offsetBytes: 88, sizeBytes: 4 },
    { path: 'se[1].weight', offsetBytes: 72, sizeBytes: 4 },
    { path: 'se[1].slice', offsetBytes: 80, sizeBytes: 4 },
    { path: 'se[1].vtime', offsetBytes: 80, sizeBytes: 8 },
    { path: 'grid[1]', offsetBytes: 128, sizeBytes: 16 },
    { path: 'grid[1][3]', offsetBytes: 140, sizeBytes: 4 },
    { path: 'tail', offsetBytes: 176, sizeBytes: 0 },
    { path: 'tail[7]', offsetBytes: 232, sizeBytes: 8 },
  ])('finds $path', ({ path, ...expected }) => {
    expect(member(btf, 'rq', path)).toMatchObject({ bitOffset: 0, bitSize: null, ...expected });
  });

  test.each([
    { path: 'flags.on', offsetBytes: 144, bitOffset: 0, bitSize: 1, sizeBytes: 1 },
    { path: 'flags.level', offsetBytes: 144, bitOffset: 1, bitSize: 3, sizeBytes: 1 },
    { path: 'flags.wide', offsetBytes: 144, bitOffset: 4, bitSize: 20, sizeBytes: 3 },
  ])('finds the bitfield $path', ({ path, ...expected }) => {
    expect(member(btf, 'rq', path)).toMatchObject(expected);
  });

  test('gives the type as declared', () => {
    expect(member(btf, 'rq', 'se[0].weight').type).toBe(ids.u32);
  });

  test('takes the id of a type, be it a struct or an array', () => {
    expect(member(btf, ids.entity, 'slice').offsetBytes).toBe(16);
    expect(member(btf, ids.grid, '[1][2]').offsetBytes).toBe(24);
  });

  test('finds a bitfield that an old compiler gave an int of few bits', () => {
    const builder = new BtfBuilder();
    const few = builder.int('unsigned int', 4, { bits: 3, bitOffset: 2 });
    builder.struct('s', 8, [{ name: 'old', type: few, at: 32 }]);
    const layout = member(parseBtf(builder.build()), 's', 'old');
    expect(layout).toMatchObject({ offsetBytes: 4, bitOffset: 2, bitSize: 3, sizeBytes: 1 });
  });

  test.each([
    { path: 'nr', what: 'member of struct rq', available: expect.arrayContaining(['nr_running', 'tail']) },
    {
      path: 'se[1].vtim',
      what: 'member of struct entity',
      available: ['tag', 'weight', 'vtime', 'slice'],
    },
    { path: 'se[3].tag', what: 'element of struct entity[3]', available: ['0 to 2'] },
    { path: 'nr_running[0]', what: 'element of volatile u32', available: [] },
    { path: 'curr.tag', what: 'member of struct sched_class *', available: [] },
    { path: 'se.', what: 'path', available: expect.any(Array) },
    { path: '', what: 'path', available: expect.any(Array) },
    { path: 'se[x]', what: 'path', available: expect.any(Array) },
    { path: 'se[1]tag', what: 'path', available: expect.any(Array) },
  ])('fails for $path with the names there are', ({ path, what, available }) => {
    expect(() => member(btf, 'rq', path)).toThrow(
      expect.objectContaining({ code: 'btf-unknown', fields: { what, wanted: expect.any(String), available } }),
    );
  });

  test('ends for a struct without a name that holds itself twice', () => {
    const builder = new BtfBuilder();
    const int = builder.int('int', 4);
    builder.struct('', 4, [
      { type: int + 1, at: 0 },
      { type: int + 1, at: 0 },
      { name: 'x', type: int, at: 0 },
    ]);
    const cyclic = parseBtf(builder.build());
    expect(member(cyclic, int + 1, 'x').offsetBytes).toBe(0);
    expect(() => member(cyclic, int + 1, 'y')).toThrow(
      expect.objectContaining({ fields: expect.objectContaining({ available: ['x'] }) }),
    );
  });
});

test('hasMember() tells what there is from what there is not', () => {
  expect(hasMember(btf, 'rq', 'se[2].slice')).toBe(true);
  expect(hasMember(btf, 'rq', 'scx')).toBe(false);
  expect(hasMember(btf, 'scx_sched', 'exit_kind')).toBe(false);
});

test('hasMember() of a struct that is not there reads no type: a kernel has a hundred thousand', () => {
  const own = parseBtf(blob);
  const read = jest.spyOn(own, 'type');
  expect(hasMember(own, 'scx_sched', 'exit_kind')).toBe(false);
  expect(read).not.toHaveBeenCalled();
});

test('hasMember() fails when the BTF is wrong', () => {
  const builder = new BtfBuilder();
  builder.struct('s', 4, [{ name: 'a', type: 99, at: 0 }]);
  expect(() => hasMember(parseBtf(builder.build()), 's', 'a')).toThrow(expect.objectContaining({ code: 'decode' }));
});
