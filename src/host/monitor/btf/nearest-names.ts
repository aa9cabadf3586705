const MAX_NAMES = 12;

/** Of many names those that begin most like the wanted one, for a message; in the order given when there are few. */
export function nearestNames(wanted: string, names: Iterable<string>): string[] {
  const distinct = [...new Set(names)].filter((name) => name !== '');
  if (distinct.length <= MAX_NAMES) return distinct;
  return distinct
    .map((name) => ({ name, common: commonPrefix(wanted, name) }))
    .sort((a, b) => b.common - a.common || a.name.length - b.name.length)
    .slice(0, MAX_NAMES)
    .map(({ name }) => name);
}

function commonPrefix(a: string, b: string): number {
  let length = 0;
  while (length < a.length && a[length] === b[length]) length += 1;
  return length;
}
