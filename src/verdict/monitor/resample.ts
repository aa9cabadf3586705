/** A stretch of time with a name; it lasts until the next one. */
export interface TimeStep {
  label: string;
  fromNs: bigint;
}

/** A step as it is drawn. `untilNs` is exclusive but for the last one. */
export interface Segment {
  label: string;
  fromNs: bigint;
  untilNs: bigint;
  columns: number;
}

/**
 * Shares a width among steps by their length. Each has at least one column, and there is one between two of them. Time before the first step has
 * no name; where there are more steps than half of the width, they are not told apart.
 */
export function segmentsOf(timesNs: readonly bigint[], steps: readonly TimeStep[], width: number): Segment[] {
  const first = timesNs.at(0);
  const last = timesNs.at(-1);
  if (first === undefined || last === undefined) return [];
  const inside = steps.filter(({ fromNs }) => fromNs > first && fromNs <= last);
  const label = steps.findLast(({ fromNs }) => fromNs <= first)?.label ?? '';
  const starts = [{ label, fromNs: first }, ...inside];
  if (starts.length * 2 > width) return [{ label: '', fromNs: first, untilNs: last, columns: width }];
  const spans = starts.map((start, index) => ({ ...start, untilNs: starts[index + 1]?.fromNs ?? last }));
  const columns = shares(
    spans.map(({ fromNs, untilNs }) => Number(untilNs - fromNs)),
    width - (spans.length - 1),
  );
  return spans.map((span, index) => ({ ...span, columns: columns[index] ?? 1 }));
}

/** Whole shares of a total, in proportion to lengths and at least 1: what is left after rounding down goes to those that lost most. */
function shares(lengths: readonly number[], total: number): number[] {
  const spare = total - lengths.length;
  const sum = lengths.reduce((all, length) => all + length, 0);
  const exact = lengths.map((length) => (sum === 0 ? spare / lengths.length : (length / sum) * spare));
  const whole = exact.map(Math.floor);
  const left = spare - whole.reduce((all, share) => all + share, 0);
  const byLoss = exact.map((share, index) => ({ index, loss: share % 1 })).sort((a, b) => b.loss - a.loss);
  const luckier = new Set(byLoss.slice(0, left).map(({ index }) => index));
  return whole.map((share, index) => 1 + share + (luckier.has(index) ? 1 : 0));
}

/** The columns of each segment. A column without a sample shows the sample before it; null is a sample without the figure. */
export function resample(
  values: readonly (number | null)[],
  timesNs: readonly bigint[],
  { segments, fold }: { segments: readonly Segment[]; fold: 'max' | 'mean' },
): (number | null)[][] {
  const columns: (number | null)[][][] = segments.map((segment) => Array.from({ length: segment.columns }, () => []));
  for (const [index, timeNs] of timesNs.entries()) {
    const at = segments.findLastIndex(({ fromNs }) => fromNs <= timeNs);
    const segment = segments[at];
    if (segment !== undefined) columns[at]?.[columnOf(timeNs, segment)]?.push(values[index] ?? null);
  }
  let before: number | null = null;
  return columns.map((ofSegment) =>
    ofSegment.map((samples) => {
      if (samples.length === 0) return before;
      before = samples.at(-1) ?? null;
      return foldColumn(samples, fold);
    }),
  );
}

function columnOf(timeNs: bigint, { fromNs, untilNs, columns }: Segment): number {
  if (untilNs === fromNs) return 0;
  return Math.min(columns - 1, Math.floor((Number(timeNs - fromNs) / Number(untilNs - fromNs)) * columns));
}

function foldColumn(samples: readonly (number | null)[], fold: 'max' | 'mean'): number | null {
  const values = samples.filter((value) => value !== null);
  if (values.length === 0) return null;
  return fold === 'max'
    ? values.reduce((most, value) => Math.max(most, value))
    : values.reduce((sum, value) => sum + value, 0) / values.length;
}
