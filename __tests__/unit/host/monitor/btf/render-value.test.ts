import { expect, test } from '@jest/globals';
import { renderCompact, renderPretty } from '../../../../../src/host/monitor/btf/render-value';
import type { BtfBuilder } from './build-btf';
import { readAs, smallRq } from './values';

test('renderCompact() writes a struct in one line', () => {
  expect(renderCompact(smallRq().value)).toBe(
    '{nr_running = 3, comm = "kworker/0:1", state = DEAD, curr = 0xffff888001234567, name = NULL, ' +
      'se = [{tag = 0, weight = 1024, vtime = 0, slice = 0}, {tag = -1, weight = 1024, vtime = 1099511627776, slice = 0}, ' +
      '{tag = -2, weight = 1024, vtime = 2199023255552, slice = 0}], grid = [[0 <4 times>], [0 <3 times>, 7]], ' +
      'flags = {on = true, level = -3, wide = 703710}, exit = ERROR, load = 0.25, callback = NULL, tail = []}',
  );
});

test('renderPretty() breaks what does not fit into a line', () => {
  expect(renderPretty(smallRq().value)).toBe(`{
  nr_running = 3
  comm = "kworker/0:1"
  state = DEAD
  curr = 0xffff888001234567
  name = NULL
  se = [
    {tag = 0, weight = 1024, vtime = 0, slice = 0}
    {tag = -1, weight = 1024, vtime = 1099511627776, slice = 0}
    {tag = -2, weight = 1024, vtime = 2199023255552, slice = 0}
  ]
  grid = [[0 <4 times>], [0 <3 times>, 7]]
  flags = {on = true, level = -3, wide = 703710}
  exit = ERROR
  load = 0.25
  callback = NULL
  tail = []
}`);
});

test.each([
  { name: 'a char', add: (b: BtfBuilder) => b.int('char', 1), bytes: [65], text: "'A'" },
  { name: 'a char that has no glyph', add: (b: BtfBuilder) => b.int('char', 1), bytes: [200], text: '200' },
  {
    name: 'a text with quotes and line ends',
    add: (b: BtfBuilder) => b.array(b.int('char', 1), 3),
    bytes: [0x22, 0x0a, 0],
    text: String.raw`"\"\n"`,
  },
  {
    name: 'a value that an enum does not name',
    add: (b: BtfBuilder) => b.enum('state', { A: 1 }),
    bytes: [6, 0, 0, 0],
    text: '(enum state)6',
  },
  {
    name: 'elements left out',
    add: (b: BtfBuilder) => b.array(b.int('u8', 1), 300),
    bytes: Buffer.alloc(300),
    text: '[0 <256 times>, ... 44 more]',
  },
  { name: 'what has no value', add: () => 0, bytes: [], text: '<void: a void has no value>' },
])('renderCompact() writes $name', ({ add, bytes, text }) => {
  expect(renderCompact(readAs(add, bytes))).toBe(text);
});
