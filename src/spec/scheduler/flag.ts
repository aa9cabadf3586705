import type { OptionIssue } from '../../errors';

/** A named group of arguments that a scheduler can be run with, and the flags that it makes no sense without. */
export interface FlagData {
  args: readonly string[];
  requires: readonly string[];
}

/**
 * One entry of a scheduler's `flags`.
 *
 * @param args one list entry per argument, as the scheduler gets them; nothing is split on blanks
 * @param relation `requires`: other flags of the same scheduler, which are switched on with this one
 * @example flags: { llc: flag(['--llc']), steal: flag(['--steal'], { requires: ['llc'] }) }
 */
export function flag(args: readonly string[], relation: { requires?: readonly string[] } = {}): FlagData {
  return { args: [...args], requires: [...(relation.requires ?? [])] };
}

/** Flags in order of declaration, `wanted` with all that they require. */
export function withRequired(flags: Readonly<Record<string, FlagData>>, wanted: readonly string[]): string[] {
  const active = new Set<string>();
  const add = (name: string): void => {
    if (active.has(name)) return;
    active.add(name);
    for (const other of flags[name]?.requires ?? []) add(other);
  };
  for (const name of wanted) add(name);
  return Object.keys(flags).filter((name) => active.has(name));
}

/** What is wrong with the flags of a scheduler: requirements that do not exist, or that lead back to where they started. */
export function flagIssues(flags: Readonly<Record<string, FlagData>>): OptionIssue[] {
  return Object.entries(flags).flatMap(([name, { requires }]) => [
    ...requires.flatMap((other) => unknownRequirement(flags, name, other)),
    ...cycleFrom(flags, name),
  ]);
}

function unknownRequirement(flags: Readonly<Record<string, FlagData>>, name: string, other: string): OptionIssue[] {
  if (Object.hasOwn(flags, other)) return [];
  const allowed = `flags of the same scheduler: ${Object.keys(flags).join(', ')}`;
  return [{ option: `flags.${name}.requires`, value: JSON.stringify(other), allowed, example: `flag(['--x'])` }];
}

/** Told at the first flag of the cycle only. */
function cycleFrom(flags: Readonly<Record<string, FlagData>>, start: string): OptionIssue[] {
  const path = findPath(flags, start, [start]);
  if (path === null || start !== [...path].sort()[0]) return [];
  const value = [...path, start].join(' -> ');
  const allowed = 'requirements that do not lead back to the flag';
  return [{ option: `flags.${start}.requires`, value, allowed, example: `flag(['--x'], { requires: [] })` }];
}

/** The flags from the last of `path` back to `start`, or null. */
function findPath(flags: Readonly<Record<string, FlagData>>, start: string, path: readonly string[]): string[] | null {
  for (const next of flags[path.at(-1) ?? '']?.requires ?? []) {
    if (next === start) return [...path];
    if (path.includes(next)) continue;
    const found = findPath(flags, start, [...path, next]);
    if (found !== null) return found;
  }
  return null;
}
