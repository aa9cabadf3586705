/** Variables that say how tests run and where things are; others of the caller, such as its secrets, mean nothing to them. */
const NAMES =
  /^(PATH|HOME|USER|LOGNAME|SHELL|TERM|TMPDIR|TZ|CI|XDG_CACHE_HOME|COLUMNS|LANG|LC_.*|KTSTR_.*|JEST_.*|FORCE_COLOR|NO_COLOR)$/;

/** The environment of the tests in the outer machine. Their output goes to a line that is no terminal, so colours are asked for. */
export function passedOn(env: NodeJS.ProcessEnv, isTerminal: boolean): Record<string, string> {
  const kept = Object.entries(env).filter(
    (entry): entry is [string, string] => NAMES.test(entry[0]) && entry[1] !== undefined && !entry[1].includes('\n'),
  );
  const colour = isTerminal && env['NO_COLOR'] === undefined ? { FORCE_COLOR: '1' } : {};
  return { ...colour, ...Object.fromEntries(kept) };
}
