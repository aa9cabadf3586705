import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { renderValue } from '../../../../src/spec/declare/render-value';

const cyclic: Record<string, unknown> = {};
cyclic['self'] = cyclic;

test.each([
  { value: 'a"b', text: '"a\\"b"' },
  { value: Number.NaN, text: 'NaN' },
  { value: -Infinity, text: '-Infinity' },
  { value: null, text: 'null' },
  { value: undefined, text: 'undefined' },
  { value: [1, 'x'], text: '[1,"x"]' },
  { value: /a b/i, text: '/a b/i' },
  { value: 10n, text: '10' },
  { value: Symbol('s'), text: 'Symbol(s)' },
  { value: function named() {}, text: 'function named' },
  { value: cyclic, text: '[object Object]' },
])('renderValue() shows $text', ({ value, text }) => {
  expect(renderValue(value)).toBe(text);
});

test('renderValue() cuts a long value', () => {
  expect(renderValue('x'.repeat(200))).toHaveLength(201);
  expect(renderValue('x'.repeat(198))).toHaveLength(200);
});

test('renderValue() never throws', () => {
  const anything = fc.anything({ withNullPrototype: true, withBigInt: true, withDate: true, withMap: true });
  fc.assert(
    fc.property(anything, (value) => {
      expect(typeof renderValue(value)).toBe('string');
    }),
  );
});
