/** Arithmetic mean; null when there are no values. */
export function mean(values: readonly number[]): number | null {
  if (values.length === 0) return null;
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

/** Standard deviation of a whole population (divided by n); null when there are no values. */
export function populationStddev(values: readonly number[]): number | null {
  const centre = mean(values);
  if (centre === null) return null;
  return Math.sqrt(values.reduce((sum, value) => sum + (value - centre) ** 2, 0) / values.length);
}

/** Coefficient of variation, population stddev / mean; null without values and when the mean is not above zero. */
export function cv(values: readonly number[]): number | null {
  const centre = mean(values);
  const spread = populationStddev(values);
  if (centre === null || spread === null || !(centre > 0)) return null;
  return spread / centre;
}
