/** What a figure is to be. */
export type Target = { atMost: number; unit: string } | { atLeast: number; unit: string };

export interface Doubt {
  /** What the figure may be off by; a bound that lies within is neither met nor missed. */
  uncertainty?: number;
  /** Whether something else than what is measured may be in the figure. */
  isDisturbed?: boolean;
}

/** The target, and whether a figure meets it, for the notes of a result. */
export function judge(figure: number, target: Target, { uncertainty = 0, isDisturbed = false }: Doubt = {}): string {
  const isLimit = 'atMost' in target;
  const bound = isLimit ? target.atMost : target.atLeast;
  const excess = isLimit ? figure - bound : bound - figure;
  const isOpen = isDisturbed || Math.abs(excess) < uncertainty;
  const verdict = isOpen ? 'UNDECIDED' : excess <= 0 ? 'met' : 'MISSED';
  const range = uncertainty > 0 ? `${figure.toFixed(2)} +- ${uncertainty.toFixed(2)}` : figure.toFixed(2);
  return `target: at ${isLimit ? 'most' : 'least'} ${bound} ${target.unit}: ${verdict} (${range})`;
}
