import { readFileSync } from 'node:fs';

export interface Counts {
  passed: number;
  failed: number;
  skipped: number;
}

/** A line of __tests__/reporters/journal.cjs. */
type Line = { file: string } & ({ failedTest: string } | Counts);

/**
 * The test files of which a journal knows the result, by their names: those that have ended, and those in which a test has failed, however much
 * of them is missing. None when there is no journal.
 */
export function readJournal(path: string): Map<string, Counts> {
  const known = new Map<string, Counts>();
  for (const line of linesOf(path)) {
    if ('passed' in line) known.set(line.file, { passed: line.passed, failed: line.failed, skipped: line.skipped });
    else known.set(line.file, { passed: 0, failed: (known.get(line.file)?.failed ?? 0) + 1, skipped: 0 });
  }
  return known;
}

function linesOf(path: string): Line[] {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch {
    return [];
  }
  // What stands after the last line break was cut off with its machine.
  return text
    .split('\n')
    .slice(0, -1)
    .map((line) => JSON.parse(line) as Line);
}
