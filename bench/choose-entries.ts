/**
 * Those that are asked for: by name, or all of a group, which is what stands before a dot: `monitor` for `monitor.dump`.
 * @returns the first word that asks for nothing, when there is one
 */
export function chooseEntries(names: readonly string[], only: readonly string[]): string[] | { unknown: string } {
  const isAskedBy = (name: string, word: string): boolean => name === word || name.startsWith(`${word}.`);
  const unknown = only.find((word) => !names.some((name) => isAskedBy(name, word)));
  if (unknown !== undefined) return { unknown };
  return names.filter((name) => only.some((word) => isAskedBy(name, word)));
}
