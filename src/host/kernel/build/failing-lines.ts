/** What compilers, linkers, kconfig and scripts write when something is wrong. */
const FAULT =
  /(?:\b(?:fatal )?error:|\*\*\* (?!\[)|undefined reference|: not found$|No such file or directory|No space left)/i;
/** What make adds on every level above the fault, which names no cause. */
const ECHO = /^make(?:\[\d+\])?: \*\*\* \[/;
const MAX_LINES = 15;

/** The lines of a build log that say what failed. With many jobs at once they are anywhere, not at the end. */
export function failingLines(log: string): string[] {
  const lines = log
    .split('\n')
    .map((line) => line.trimEnd())
    .filter((line) => line !== '');
  const faults = lines.filter((line) => FAULT.test(line) && !ECHO.test(line));
  const shown = faults.length > 0 ? faults : lines.filter((line) => ECHO.test(line));
  return (shown.length > 0 ? [...new Set(shown)] : lines.slice(-MAX_LINES)).slice(0, MAX_LINES);
}
