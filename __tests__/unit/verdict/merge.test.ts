import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { OUTCOMES, type AssertResult, type Outcome } from '../../../src/verdict/assert-result';
import { assess } from '../../../src/verdict/assess';
import { foldOutcomes, mergeAssertResults, mergeThresholds } from '../../../src/verdict/merge';
import { fail, inconclusive, pass, skip } from '../../../src/verdict/results';
import { evidence } from './reports';

test.each<{ outcomes: Outcome[]; folded: Outcome }>([
  { outcomes: [], folded: 'skip' },
  { outcomes: ['skip'], folded: 'skip' },
  { outcomes: ['skip', 'pass'], folded: 'pass' },
  { outcomes: ['pass', 'inconclusive', 'skip'], folded: 'inconclusive' },
  { outcomes: ['inconclusive', 'fail', 'pass'], folded: 'fail' },
])('foldOutcomes() folds $outcomes to $folded', ({ outcomes, folded }) => {
  expect(foldOutcomes(outcomes)).toBe(folded);
});

const outcomes = fc.array(fc.constantFrom(...OUTCOMES), { maxLength: 5 });

test('foldOutcomes() is associative and does not depend on order', () => {
  fc.assert(
    fc.property(outcomes, outcomes, (left, right) => {
      const all = foldOutcomes([...left, ...right]);
      expect(foldOutcomes([foldOutcomes(left), foldOutcomes(right)])).toBe(all);
      expect(foldOutcomes([...right, ...left])).toBe(all);
    }),
  );
});

const result = fc.constantFrom<AssertResult>(
  pass(),
  skip('not here'),
  inconclusive('no samples'),
  fail('too slow'),
  assess([evidence({}, { workUnits: 0 })], { notStuck: true }),
);
const results = fc.array(result, { maxLength: 4 });

test('mergeAssertResults() is associative', () => {
  fc.assert(
    fc.property(results, results, (left, right) => {
      const nested = mergeAssertResults([mergeAssertResults(left), mergeAssertResults(right)]);
      expect(nested).toEqual(mergeAssertResults([...left, ...right]));
    }),
  );
});

test('mergeAssertResults() keeps details, stats and workers in order under the most severe outcome', () => {
  const run = assess([evidence({})], {});
  expect(mergeAssertResults([run, fail('first'), inconclusive('second')])).toEqual({
    outcome: 'fail',
    details: [
      { kind: 'other', outcome: 'fail', message: 'first' },
      { kind: 'other', outcome: 'inconclusive', message: 'second' },
    ],
    stats: run.stats,
    workers: run.workers,
  });
});

test('skip() gives a detail of kind skip', () => {
  expect(skip('no NUMA here')).toEqual({
    outcome: 'skip',
    details: [{ kind: 'skip', outcome: 'skip', message: 'no NUMA here' }],
    stats: [],
    workers: [],
  });
});

test.each([
  { name: 'the later one wins', layers: [{ maxGapMs: 1 }, { maxGapMs: 2 }], merged: { maxGapMs: 2 } },
  { name: 'an unset one inherits', layers: [{ maxGapMs: 1 }, { maxGapMs: undefined }], merged: { maxGapMs: 1 } },
  { name: 'false switches off', layers: [{ notStuck: true }, { notStuck: false }], merged: { notStuck: false } },
  { name: 'a missing layer adds nothing', layers: [undefined, { isolation: true }], merged: { isolation: true } },
  { name: 'no layer gives no threshold', layers: [], merged: {} },
])('mergeThresholds() merges: $name', ({ layers, merged }) => {
  expect(mergeThresholds(...layers)).toStrictEqual(merged);
});
