import { HarnessError } from '../../errors';
import { withRequired, type FlagData } from './flag';

/** A set of flags that belong together: whatever one of them requires is in it. */
export interface Profile<F extends string = string> {
  /** The flags joined by `+`, or `default` for none. */
  name: string;
  /** In order of declaration. */
  flags: F[];
}

/** More optional flags would give more profiles than anybody runs. */
const MAX_OPTIONAL = 12;

export interface ProfileFilter<F extends string = string> {
  /** In every profile, with what they require. */
  required?: readonly F[] | undefined;
  /** In no profile, nor is a flag that requires one of them. */
  excluded?: readonly F[] | undefined;
}

/**
 * Every profile of a scheduler's flags: all sets of them that hold what they require, the smallest first.
 * @throws {HarnessError} `options-invalid` when there are more than 4096 of them
 */
export function profilesOf(flags: Readonly<Record<string, FlagData>>, filter: ProfileFilter = {}): Profile[] {
  const required = withRequired(flags, filter.required ?? []);
  const excluded = new Set(filter.excluded ?? []);
  const optional = Object.keys(flags).filter((name) => !required.includes(name) && !excluded.has(name));
  if (optional.length > MAX_OPTIONAL) throw tooMany(optional);
  const profiles = new Map<string, string[]>();
  for (let bits = 0; bits < 2 ** optional.length; bits++) {
    const chosen = optional.filter((_, index) => (bits & (1 << index)) !== 0);
    const active = withRequired(flags, [...required, ...chosen]);
    if (!active.some((name) => excluded.has(name))) profiles.set(profileName(active), active);
  }
  return [...profiles]
    .map(([name, active]) => ({ name, flags: active }))
    .sort((a, b) => a.flags.length - b.flags.length);
}

export function profileName(flags: readonly string[]): string {
  return flags.length === 0 ? 'default' : flags.join('+');
}

function tooMany(optional: readonly string[]): HarnessError {
  const allowed = `at most ${MAX_OPTIONAL} flags that are neither required nor excluded`;
  const issue = { option: 'flags', value: optional.join(', '), allowed, example: `{ excluded: ['${optional[0]}'] }` };
  return new HarnessError('options-invalid', { subject: 'the profiles of a scheduler', issues: [issue] });
}
