/** Most edits between a typo and the name that was meant. Chosen: two catch a swap or a wrong unit suffix; three join unrelated short names. */
const MAX_EDITS = 2;

/** Shortest beginning of a name that counts as the name: `numa` for `numaNodes`. */
const MIN_PREFIX = 3;

/** The name that was probably meant, or null when none is near. Case does not matter. */
export function nearestName(typo: string, names: readonly string[]): string | null {
  const wanted = typo.toLowerCase();
  const ranked = names
    .map((name) => ({ name, edits: editDistance(wanted, name.toLowerCase()) }))
    .sort((a, b) => a.edits - b.edits);
  const nearest = ranked[0];
  if (nearest !== undefined && nearest.edits <= Math.min(MAX_EDITS, wanted.length - 1)) return nearest.name;
  if (wanted.length < MIN_PREFIX) return null;
  return names.find((name) => name.toLowerCase().startsWith(wanted)) ?? null;
}

/** Levenshtein distance: insertions, deletions and substitutions. */
function editDistance(from: string, to: string): number {
  let row = Array.from({ length: to.length + 1 }, (_, i) => i);
  for (let i = 1; i <= from.length; i++) {
    const next = [i];
    for (let j = 1; j <= to.length; j++) {
      const substituted = (row[j - 1] ?? 0) + (from[i - 1] === to[j - 1] ? 0 : 1);
      next.push(Math.min(substituted, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row.at(-1) ?? 0;
}
