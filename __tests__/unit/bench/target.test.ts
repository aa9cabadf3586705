import { describe, expect, test } from '@jest/globals';

import { medianUncertainty } from '../../../bench/bench-report';
import { judge } from '../../../bench/target';

describe('judge()', () => {
  const limit = { atMost: 10, unit: '%' };
  const floor = { atLeast: 20, unit: 'times faster' };

  test.each([
    { figure: 10, target: limit, says: 'target: at most 10 %: met (10.00)' },
    { figure: 10.01, target: limit, says: 'target: at most 10 %: MISSED (10.01)' },
    { figure: 20, target: floor, says: 'target: at least 20 times faster: met (20.00)' },
    { figure: 19.99, target: floor, says: 'target: at least 20 times faster: MISSED (19.99)' },
  ])('says of $figure: $says', ({ figure, target, says }) => {
    expect(judge(figure, target)).toBe(says);
  });

  test.each([
    { figure: 8, says: 'met (8.00 +- 1.50)' },
    { figure: 9, says: 'UNDECIDED (9.00 +- 1.50)' },
    { figure: 11, says: 'UNDECIDED (11.00 +- 1.50)' },
    { figure: 12, says: 'MISSED (12.00 +- 1.50)' },
  ])('leaves open what lies within the uncertainty: $says', ({ figure, says }) => {
    expect(judge(figure, limit, { uncertainty: 1.5 })).toBe(`target: at most 10 %: ${says}`);
  });

  test('leaves open what something else may be in', () => {
    expect(judge(1, limit, { isDisturbed: true })).toBe('target: at most 10 %: UNDECIDED (1.00)');
  });
});

test('medianUncertainty() shrinks with the number of values, and is nothing for equal ones', () => {
  const few = [1, 2, 3, 4, 5];
  const many = Array.from({ length: 20 }, () => few).flat();
  expect(medianUncertainty([7, 7, 7])).toBe(0);
  expect(medianUncertainty(few)).toBeCloseTo((1.57 * 2) / Math.sqrt(5));
  expect(medianUncertainty(many)).toBeLessThan(medianUncertainty(few) / 4);
});
