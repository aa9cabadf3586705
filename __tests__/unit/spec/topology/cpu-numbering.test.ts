import { expect, test } from '@jest/globals';
import { cpusOfLlc, cpusOfNumaNode, siblingSets, usableCpus } from '../../../../src/spec/topology/cpu-numbering';

const MACHINE = { numaNodes: 2, llcs: 4, cores: 2, threads: 2 };

test.each([
  { llc: 0, cpus: [0, 1, 2, 3] },
  { llc: 3, cpus: [12, 13, 14, 15] },
])('cpusOfLlc() numbers the CPUs of LLC $llc', ({ llc, cpus }) => {
  expect(cpusOfLlc(MACHINE, llc)).toEqual(cpus);
});

test.each([
  { node: 0, cpus: [0, 1, 2, 3, 4, 5, 6, 7] },
  { node: 1, cpus: [8, 9, 10, 11, 12, 13, 14, 15] },
])('cpusOfNumaNode() numbers the CPUs of node $node', ({ node, cpus }) => {
  expect(cpusOfNumaNode(MACHINE, node)).toEqual(cpus);
});

test.each([-1, 4, 0.5])('cpusOfLlc() throws a RangeError when the LLC is %p', (llc) => {
  expect(() => cpusOfLlc(MACHINE, llc)).toThrow(RangeError);
});

test.each([-1, 2, 0.5])('cpusOfNumaNode() throws a RangeError when the node is %p', (node) => {
  expect(() => cpusOfNumaNode(MACHINE, node)).toThrow(RangeError);
});

test('siblingSets() gives the threads of every core', () => {
  expect(siblingSets({ numaNodes: 1, llcs: 2, cores: 2, threads: 2 })).toEqual([
    [0, 1],
    [2, 3],
    [4, 5],
    [6, 7],
  ]);
});

test.each([
  { cpus: [0], usable: [0] },
  { cpus: [0, 1], usable: [0, 1] },
  { cpus: [0, 1, 2], usable: [0, 1] },
  { cpus: [6, 2, 4], usable: [2, 4] },
])('usableCpus() keeps the last CPU back when there are more than two of $cpus', ({ cpus, usable }) => {
  expect(usableCpus(cpus)).toEqual(usable);
});
