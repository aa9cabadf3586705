/** Shorter repetitions are as quickly read as the line that would stand for them. */
const MIN_PERIOD = 2;
const MAX_PERIOD = 400;
const MIN_REPEATS = 3;
/** Nested loops fold from the inside out. */
const MAX_PASSES = 4;

/**
 * Folds what the verifier printed for each further iteration of a loop: of blocks of lines that repeat one after the other, equal but for
 * register states, the first and the last stay, with a line between them that says how many were left out.
 */
export function foldVerifierLog(text: string): string {
  let lines = text.split('\n');
  for (let pass = 0; pass < MAX_PASSES; pass++) {
    const folded = foldOnce(lines);
    if (folded.length === lines.length) break;
    lines = folded;
  }
  return lines.join('\n');
}

function foldOnce(lines: readonly string[]): string[] {
  const keys = lines.map(keyOf);
  const folded: string[] = [];
  for (let at = 0; at < lines.length;) {
    const repetition = repetitionAt(keys, at);
    if (repetition === null) {
      folded.push(lines[at] ?? '');
      at += 1;
      continue;
    }
    const { period, repeats } = repetition;
    const end = at + period * repeats;
    folded.push(
      ...lines.slice(at, at + period),
      `[… ${repeats - 2} further iterations of these ${period} lines left out …]`,
      ...lines.slice(end - period, end),
    );
    at = end;
  }
  return folded;
}

/** What of a line is the same in every iteration: the instruction and its source, not the state of the registers. */
function keyOf(line: string): string {
  return line
    .replace(/^(from \d+ to \d+):.*/, '$1')
    .replace(/\s*;\s*(R\d|fp-|frame\d|refs=|cb=).*$/, '')
    .replace(/:?\s+(frame\d+:\s*)?R\d+(_\w+)?=.*$/, '')
    .trim();
}

interface Repetition {
  period: number;
  repeats: number;
}

/** The repetition that starts at a line and spans most lines, or null. */
function repetitionAt(keys: readonly string[], at: number): Repetition | null {
  let best: Repetition | null = null;
  const limit = Math.min(MAX_PERIOD, Math.floor((keys.length - at) / MIN_REPEATS));
  for (let period = MIN_PERIOD; period <= limit; period++) {
    if (keys[at] !== keys[at + period]) continue;
    const repeats = repeatsOf(keys, at, period);
    if (repeats < MIN_REPEATS) continue;
    if (best === null || period * repeats > best.period * best.repeats) best = { period, repeats };
  }
  return best;
}

function repeatsOf(keys: readonly string[], at: number, period: number): number {
  let same = 0;
  while (at + period + same < keys.length && keys[at + same] === keys[at + period + same]) same += 1;
  return Math.floor(same / period) + 1;
}
