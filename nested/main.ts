import { readFileSync, writeFileSync } from 'node:fs';
import { availableParallelism, constants } from 'node:os';
import { join } from 'node:path';

import { isHarnessError } from '../src/errors';
import { packageRoot } from '../src/package-root';
import { EXIT_LOST, hasKvm, runWithKvm } from './run-with-kvm';

/** Of the whole tier. */
const DEADLINE_MS = 45 * 60_000;
const SIGNAL_EXIT = 128;
/** Jest tells of a file at its end, with colours or without. A failure must not get lost with its machine; what passed is run again. */
const RESULT = /\bFAIL\b/;
/** Emulated machines that share the files; each of them has one CPU. */
const MACHINES = 2;

/** As __tests__/reporters/plain-line.cjs leaves them. */
interface Counts {
  passed: number;
  failed: number;
  skipped: number;
}

/**
 * Runs the tests that need KVM: here when KVM is real here, else in emulated machines where it is. Ends with one plain line of counts, or
 * leaves them in the file that PLAIN_LINE_FILE names.
 */
async function main(jestArgs: readonly string[]): Promise<number> {
  const hasPattern = jestArgs.some((arg) => !arg.startsWith('-'));
  const parts = hasKvm() || hasPattern ? 1 : Math.min(MACHINES, availableParallelism());
  const ended = await Promise.all(Array.from({ length: parts }, (_, part) => runPart(jestArgs, part + 1, parts)));
  const sum = (kind: keyof Counts): number => ended.reduce((total, { counts }) => total + counts[kind], 0);
  const total: Counts = { passed: sum('passed'), failed: sum('failed'), skipped: sum('skipped') };
  const file = process.env['PLAIN_LINE_FILE'];
  if (file) writeFileSync(file, JSON.stringify(total));
  else console.log(`${total.passed} passed, ${total.failed} failed, ${total.skipped} skipped`);
  return ended.find(({ code }) => code !== 0)?.code ?? 0;
}

async function runPart(
  jestArgs: readonly string[],
  part: number,
  parts: number,
): Promise<{ code: number; counts: Counts }> {
  const root = packageRoot();
  const output = join(root, '.ktstr/kvm-tier', String(part));
  const jest = [join(root, 'node_modules/jest/bin/jest.js'), '--selectProjects', 'kvm', '--json'];
  const results = `--outputFile=${join(output, 'results.json')}`;
  // One process for all files of an emulated machine: another one would only take turns with it, after a start that takes seconds.
  const inBand = hasKvm() ? [] : ['--runInBand'];
  const shard = parts > 1 ? [`--shard=${part}/${parts}`, '--passWithNoTests'] : [];
  const countsFile = join(output, 'counts.json');
  const code = await runWithKvm({
    argv: [process.execPath, ...jest, results, ...inBand, ...shard, ...jestArgs],
    env: { PLAIN_LINE_FILE: countsFile },
    ...{ output, result: RESULT, deadlineMs: DEADLINE_MS },
    note: (text) => note(parts > 1 ? `machine ${part}: ${text}` : text),
  });
  return { code, counts: readCounts(countsFile, code) };
}

/** A run that ends badly without a failed test counts as one. */
function readCounts(file: string, code: number): Counts {
  let counts: Counts = { passed: 0, failed: 0, skipped: 0 };
  try {
    counts = JSON.parse(readFileSync(file, 'utf8')) as Counts;
  } catch {
    // The run ended before there were any, or had no tests.
  }
  return code !== 0 && counts.failed === 0 ? { ...counts, failed: 1 } : counts;
}

function note(text: string): void {
  process.stderr.write(`test:kvm: ${text}\n`);
}

// What runs for us is tethered to this process, so its end is theirs.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  process.once(signal, () => process.exit(SIGNAL_EXIT + constants.signals[signal]));
}

main(process.argv.slice(2)).then(
  (code) => {
    process.exitCode = code;
  },
  (error: unknown) => {
    note(isHarnessError(error) ? error.message : String(error instanceof Error ? error.stack : error));
    process.exitCode = EXIT_LOST;
  },
);
