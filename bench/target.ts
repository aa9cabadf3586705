/** What a figure is to be. */
export type Target = { atMost: number; unit: string } | { atLeast: number; unit: string };

/**
 * The target, and whether a figure meets it, for the notes of a result.
 * @param uncertainty what the figure may be off by; a bound that lies within is neither met nor missed
 */
export function judge(figure: number, target: Target, uncertainty = 0): string {
  const isLimit = 'atMost' in target;
  const bound = isLimit ? target.atMost : target.atLeast;
  const excess = isLimit ? figure - bound : bound - figure;
  const verdict = Math.abs(excess) < uncertainty ? 'UNDECIDED' : excess <= 0 ? 'met' : 'MISSED';
  const range = uncertainty > 0 ? `${figure.toFixed(2)} +- ${uncertainty.toFixed(2)}` : figure.toFixed(2);
  return `target: at ${isLimit ? 'most' : 'least'} ${bound} ${target.unit}: ${verdict} (${range})`;
}
