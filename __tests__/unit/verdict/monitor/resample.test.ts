import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { resample, segmentsOf } from '../../../../src/verdict/monitor/resample';

function times(count: number, stepNs = 10): bigint[] {
  return Array.from({ length: count }, (_, index) => BigInt(index * stepNs));
}

function columnsOf(steps: { label: string; fromNs: bigint }[], width: number, timesNs = times(101)) {
  return segmentsOf(timesNs, steps, width).map(({ label, columns }) => `${label} ${columns}`);
}

describe('segmentsOf()', () => {
  test('is one nameless segment without steps, and none without samples', () => {
    expect(columnsOf([], 60)).toEqual([' 60']);
    expect(segmentsOf([], [{ label: 'a', fromNs: 0n }], 60)).toEqual([]);
  });

  test('shares the width by length, less the columns between', () => {
    const steps = [
      { label: 'a', fromNs: 0n },
      { label: 'b', fromNs: 250n },
      { label: 'c', fromNs: 500n },
    ];
    expect(columnsOf(steps, 42)).toEqual(['a 10', 'b 10', 'c 20']);
  });

  test('gives a step of no length a column', () => {
    const steps = [
      { label: 'a', fromNs: 0n },
      { label: 'b', fromNs: 1000n },
    ];
    expect(columnsOf(steps, 11)).toEqual(['a 9', 'b 1']);
  });

  test('leaves steps out that are over before the first sample or begin after the last', () => {
    const steps = [
      { label: 'gone', fromNs: -20n },
      { label: 'a', fromNs: -10n },
      { label: 'later', fromNs: 2000n },
    ];
    expect(columnsOf(steps, 60)).toEqual(['a 60']);
    expect(columnsOf([{ label: 'b', fromNs: 500n }], 11)).toEqual([' 5', 'b 5']);
  });

  test('does not tell steps apart that do not fit', () => {
    const steps = Array.from({ length: 6 }, (_, index) => ({ label: `s${index}`, fromNs: BigInt(index * 100) }));
    expect(columnsOf(steps, 12)).toHaveLength(6);
    expect(columnsOf(steps, 11)).toEqual([' 11']);
  });

  test('always fills the width, with a column or more for each step', () => {
    const starts = fc.uniqueArray(fc.integer({ min: 0, max: 1000 }), { maxLength: 20 });
    fc.assert(
      fc.property(starts, fc.integer({ min: 1, max: 200 }), fc.integer({ min: 1, max: 50 }), (from, width, count) => {
        const steps = from.toSorted((a, b) => a - b).map((start) => ({ label: 's', fromNs: BigInt(start) }));
        const segments = segmentsOf(times(count), steps, width);
        expect(segments.reduce((sum, { columns }) => sum + columns, segments.length - 1)).toBe(width);
        expect(segments.every(({ columns }) => columns >= 1)).toBe(true);
      }),
    );
  });
});

describe('resample()', () => {
  const fold = (values: (number | null)[], width: number, how: 'max' | 'mean') =>
    resample(values, times(values.length), { segments: segmentsOf(times(values.length), [], width), fold: how });

  test('takes the highest or the mean of the samples of a column', () => {
    expect(fold([1, 5, 2, 4], 2, 'max')).toEqual([[5, 4]]);
    expect(fold([1, 5, 2, 4], 2, 'mean')).toEqual([[3, 3]]);
  });

  test('leaves samples without the figure out, and says null where all are', () => {
    expect(fold([1, null, null, null], 2, 'mean')).toEqual([[1, null]]);
  });

  test('shows the sample before in a column without one', () => {
    expect(fold([1, 5], 4, 'max')).toEqual([[1, 1, 1, 5]]);
    expect(fold([null, 5], 4, 'max')).toEqual([[null, null, null, 5]]);
    expect(fold([7], 3, 'max')).toEqual([[7, 7, 7]]);
  });

  test('puts each sample into its own step', () => {
    const timesNs = times(5);
    const segments = segmentsOf(timesNs, [{ label: 'b', fromNs: 20n }], 5);
    expect(resample([1, 9, 2, 2, 3], timesNs, { segments, fold: 'max' })).toEqual([
      [1, 9],
      [2, 3],
    ]);
  });

  test('loses no peak', () => {
    const values = fc.array(fc.nat(1000), { minLength: 1, maxLength: 300 });
    fc.assert(
      fc.property(values, fc.integer({ min: 1, max: 80 }), (own, width) => {
        expect(Math.max(...fold(own, width, 'max').flat().map(Number))).toBe(Math.max(...own));
      }),
    );
  });
});
