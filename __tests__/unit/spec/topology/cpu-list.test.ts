import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { formatCpuList, MAX_CPU, parseCpuList } from '../../../../src/spec/topology/cpu-list';

test.each([
  { text: '', cpus: [] },
  { text: '\n', cpus: [] },
  { text: '0', cpus: [0] },
  { text: '0-3,5\n', cpus: [0, 1, 2, 3, 5] },
  { text: '7,0-1', cpus: [0, 1, 7] },
  { text: '4-4', cpus: [4] },
  { text: `${MAX_CPU}`, cpus: [MAX_CPU] },
])('parseCpuList() reads $text', ({ text, cpus }) => {
  expect(parseCpuList(text)).toEqual(cpus);
});

test.each([
  ',',
  '1,',
  ',1',
  '1,,2',
  ' 1',
  '1 ',
  '1, 2',
  '-1',
  '1-',
  '-',
  '1-2-3',
  '0x1',
  '1.5',
  'a',
  '0-3:1/2',
  '0\n\n',
])('parseCpuList() throws a TypeError when the text is %j', (text) => {
  expect(() => parseCpuList(text)).toThrow(TypeError);
});

test.each(['3-1', '1,1', '0-3,2', `${MAX_CPU + 1}`, `0-${MAX_CPU + 1}`, '99999999999999999999-1'])(
  'parseCpuList() throws a RangeError when the list is %j',
  (text) => {
    expect(() => parseCpuList(text)).toThrow(RangeError);
  },
);

test.each([
  { cpus: [], text: '' },
  { cpus: [5], text: '5' },
  { cpus: [0, 1], text: '0-1' },
  { cpus: [5, 3, 0, 1, 2, 3], text: '0-3,5' },
  { cpus: [0, 2, 4], text: '0,2,4' },
])('formatCpuList() writes $cpus as $text', ({ cpus, text }) => {
  expect(formatCpuList(cpus)).toBe(text);
});

test.each([-1, 0.5, Number.NaN, MAX_CPU + 1])('formatCpuList() throws a RangeError when a CPU is %p', (cpu) => {
  expect(() => formatCpuList([cpu])).toThrow(RangeError);
});

test('parseCpuList() reads back what formatCpuList() writes', () => {
  fc.assert(
    fc.property(fc.uniqueArray(fc.integer({ min: 0, max: MAX_CPU })), (cpus) => {
      expect(parseCpuList(formatCpuList(cpus))).toEqual(cpus.toSorted((a, b) => a - b));
    }),
  );
});

test('parseCpuList() throws nothing but TypeError and RangeError for any text', () => {
  const text = fc.oneof(fc.string(), fc.string({ unit: fc.constantFrom('0', '1', '9', '-', ',', '\n') }));
  fc.assert(
    fc.property(text, (list) => {
      try {
        expect(formatCpuList(parseCpuList(list))).toMatch(/^[\d,-]*$/);
      } catch (error) {
        expect(error instanceof TypeError || error instanceof RangeError).toBe(true);
      }
    }),
  );
});
