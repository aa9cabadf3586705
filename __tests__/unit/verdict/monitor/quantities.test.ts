import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import {
  deepestLocalDsq,
  eventRate,
  eventTotal,
  growth,
  imbalance,
  runQueueExtremes,
} from '../../../../src/verdict/monitor/quantities';
import { sample } from './samples';

function queues(...depths: number[]) {
  return sample(
    0,
    depths.map((nrRunning) => ({ nrRunning })),
  );
}

test.each([
  { depths: [], ratio: 1 },
  { depths: [0], ratio: 0 },
  { depths: [0, 0], ratio: 0 },
  { depths: [3, 3], ratio: 1 },
  { depths: [5, 1], ratio: 5 },
  { depths: [5, 0], ratio: 5 },
  { depths: [2, 9, 4], ratio: 4.5 },
])('imbalance() is $ratio for run queues of $depths tasks', ({ depths, ratio }) => {
  expect(imbalance(queues(...depths))).toBe(ratio);
});

test('imbalance() does not depend on which CPU is which', () => {
  const permuted = fc
    .array(fc.nat(200), { minLength: 1, maxLength: 64 })
    .chain((depths) => fc.tuple(fc.constant(depths), fc.shuffledSubarray(depths, { minLength: depths.length })));
  fc.assert(fc.property(permuted, ([depths, other]) => imbalance(queues(...depths)) === imbalance(queues(...other))));
});

test('imbalance() lies between 0 and the length of the longest run queue', () => {
  fc.assert(
    fc.property(fc.array(fc.nat(200), { minLength: 1, maxLength: 64 }), (depths) => {
      const ratio = imbalance(queues(...depths));
      return ratio >= 0 && ratio <= Math.max(...depths);
    }),
  );
});

test('runQueueExtremes() names the lowest CPU of equals and leaves out what could not be read', () => {
  const torn = { nrRunning: 90, consistent: false };
  const cpus = [{ nrRunning: 2 }, torn, { nrRunning: 7 }, { nrRunning: 7 }, { nrRunning: 2 }];
  expect(runQueueExtremes(sample(0, cpus))).toEqual({
    longest: { cpu: 2, value: 7 },
    shortest: { cpu: 0, value: 2 },
  });
  expect(runQueueExtremes(sample(0, [torn]))).toBeNull();
});

test('deepestLocalDsq() leaves out CPUs without a local DSQ and those that could not be read', () => {
  const cpus = [
    { localDsqDepth: null },
    { localDsqDepth: 3 },
    { localDsqDepth: 9, consistent: false },
    { localDsqDepth: 5 },
  ];
  expect(deepestLocalDsq(sample(0, cpus))).toEqual({ cpu: 3, value: 5 });
  expect(deepestLocalDsq(sample(0, [{ localDsqDepth: null }]))).toBeNull();
});

test('eventTotal() adds the CPUs up, and is null when one of them lacks the counter', () => {
  const one = { events: { dispatch_keep_last: 3n } };
  const other = { events: { dispatch_keep_last: 4n } };
  expect(eventTotal(sample(0, [one, other]), 'dispatch_keep_last')).toBe(7n);
  expect(eventTotal(sample(0, [one, other]), 'reenq_immed')).toBeNull();
  expect(eventTotal(sample(0, [one, { events: null }]), 'dispatch_keep_last')).toBeNull();
  expect(eventTotal(sample(0, []), 'dispatch_keep_last')).toBeNull();
});

test.each([
  { name: 'events per second', from: 10n, to: 15n, afterMs: 20, rate: 250 },
  { name: '0 without events', from: 10n, to: 10n, afterMs: 20, rate: 0 },
  { name: '0 when the counter started again', from: 10n, to: 2n, afterMs: 20, rate: 0 },
  { name: 'null over no time', from: 10n, to: 15n, afterMs: 0, rate: null },
  { name: 'null backwards in time', from: 10n, to: 15n, afterMs: -1, rate: null },
])('eventRate() is $name', ({ from, to, afterMs, rate }) => {
  const at = (atMs: number, count: bigint) => sample(atMs, [{ events: { select_cpu_fallback: count } }]);
  expect(eventRate(at(100, from), at(100 + afterMs, to), 'select_cpu_fallback')).toBe(rate);
});

test('eventRate() is null when a sample lacks the counter', () => {
  const bare = sample(0, [{ events: null }]);
  expect(eventRate(bare, sample(10, [{}]), 'select_cpu_fallback')).toBeNull();
  expect(eventRate(sample(0, [{}]), sample(10, [{ events: {} }]), 'select_cpu_fallback')).toBeNull();
});

test.each([
  { name: 'the difference of last and first', values: [5n, 7n, 12n], grown: 7 },
  { name: 'what it grew before and after a restart', values: [5n, 9n, 1n, 3n], grown: 6 },
  { name: 'the difference over a gap', values: [5n, null, 9n], grown: 4 },
  { name: 'null without two values', values: [null, 5n, null], grown: null },
  { name: 'null without values', values: [], grown: null },
])('growth() is $name', ({ values, grown }) => {
  expect(growth(values)).toBe(grown);
});

test('growth() is last less first for every counter that never starts again', () => {
  const rising = fc
    .array(fc.bigInt({ min: 0n, max: 1_000_000n }), { minLength: 2 })
    .map((values) => values.toSorted((a, b) => (a < b ? -1 : 1)));
  fc.assert(fc.property(rising, (values) => growth(values) === Number(values.at(-1)! - values[0]!)));
});
