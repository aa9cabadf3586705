import type { ConsoleFinding } from './find-splats';

/** A splat that is known and accepted for a while; plain data. */
export interface ConsoleAllowEntry {
  /** Source and flags of a regular expression for the first line of a splat or its title. */
  pattern: string;
  flags: string;
  reason: string;
  link: string;
  /** Last day on which it allows, `YYYY-MM-DD`, UTC. */
  expires: string;
}

/** A splat that no entry allows. */
export interface Splat extends ConsoleFinding {
  /** An entry that would have allowed it on an earlier day. */
  expired: ConsoleAllowEntry | null;
}

/** The findings that no entry allows. @param today `YYYY-MM-DD`, UTC */
export function unexpectedSplats(
  findings: readonly ConsoleFinding[],
  allow: readonly ConsoleAllowEntry[],
  today: string,
): Splat[] {
  return findings.flatMap((finding) => {
    const matching = allow.filter((entry) => isMatch(entry, finding));
    if (matching.some(({ expires }) => expires >= today)) return [];
    return [{ ...finding, expired: matching[0] ?? null }];
  });
}

function isMatch({ pattern, flags }: ConsoleAllowEntry, { line, title }: ConsoleFinding): boolean {
  // Made anew for each text: a sticky or global expression remembers where it was.
  return [line, title].some((text) => new RegExp(pattern, flags).test(text));
}
