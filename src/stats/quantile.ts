/** Keeps a product like 100 * 0.07 = 7.000000000000001 from being rounded up to the next rank. */
const RANK_EPSILON = 1e-9;

/**
 * Quantile by nearest rank: the value at index `ceil(n * p) - 1` of the sorted values, so always one of them; null when there are none.
 * The values need no order.
 *
 * @throws RangeError when `p` is not from 0 to 1
 */
export function quantile(values: readonly number[], p: number): number | null {
  if (!(p >= 0 && p <= 1)) throw new RangeError(`take a quantile: p is ${p}, must be from 0 to 1`);
  const sorted = values.toSorted((a, b) => a - b);
  const rank = Math.ceil(sorted.length * p - RANK_EPSILON);
  return sorted[Math.max(rank, 1) - 1] ?? null;
}
