import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';

import { SymbolNames } from '../../../../../src/host/monitor/symbols/symbol-names';

/** The first 128 tokens are one character each, the others a character and an underscore. */
const TOKENS = Array.from({ length: 256 }, (_, token) =>
  token < 128 ? String.fromCharCode(token) : `${String.fromCharCode(token - 31)}_`,
);

function namesOf(records: readonly (readonly number[])[], tokens: readonly string[] = TOKENS): SymbolNames {
  const bytes = records.flatMap((record) => [(record.length & 0x7f) | 0x80, record.length >> 7, ...record]);
  return new SymbolNames({ records: Buffer.from(bytes), count: records.length, tokens });
}

const codes = (text: string): number[] => [...Buffer.from(text, 'latin1')];

describe('SymbolNames', () => {
  test('text() and find() agree for whatever tokens names are made of', () => {
    const record = fc.array(fc.integer({ min: 33, max: 255 }), { minLength: 1, maxLength: 200 });
    fc.assert(
      fc.property(fc.array(record, { minLength: 1, maxLength: 50 }), (records) => {
        const names = namesOf(records);
        const texts = records.map((_, symbol) => names.text(symbol));
        expect(texts.map((text) => names.find(text))).toEqual(texts.map((text) => texts.indexOf(text)));
      }),
      { numRuns: 200 },
    );
  });

  test('text() leaves the letter for the kind out, also when it is the whole of a token or comes behind an empty one', () => {
    const tokens = TOKENS.with(1, '');
    const names = namesOf([codes('Tstart'), [1, ...codes('Tstart')], [128, 64]], tokens);
    expect([0, 1, 2].map((symbol) => names.text(symbol))).toEqual(['start', 'start', '_@']);
    expect(names.find('_@')).toBe(2);
  });

  test('find() tells names apart that begin with the same 200 letters', () => {
    const long = 'T'.repeat(200);
    const names = namesOf([codes(`${long}a`), codes(`${long}b`)]);
    expect(names.find(`${long.slice(1)}b`)).toBe(1);
    expect(names.find(long.slice(1))).toBeUndefined();
  });

  test('text() refuses a name that is longer than the kernel allows', () => {
    const names = namesOf([[0, 0]], TOKENS.with(0, 'x'.repeat(300)));
    expect(() => names.text(0)).toThrow('longer than 512 bytes');
  });

  test('text() has as many symbols as were counted', () => {
    expect(() => namesOf([codes('Ta')]).text(1)).toThrow(RangeError);
  });
});
