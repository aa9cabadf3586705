import { constants } from 'node:os';
import { join } from 'node:path';

import { isHarnessError } from '../src/errors';
import { packageRoot } from '../src/package-root';
import { EXIT_LOST, hasKvm, runWithKvm } from './run-with-kvm';

/** Of the whole tier. */
const DEADLINE_MS = 30 * 60_000;
const SIGNAL_EXIT = 128;
/** Jest tells of a file at its end, with colours or without. */
const RESULT = /\b(PASS|FAIL)\b/;

/** Runs the tests that need KVM: here when KVM is real here, else in an emulated machine where it is. */
async function main(jestArgs: readonly string[]): Promise<number> {
  const root = packageRoot();
  const output = join(root, '.ktstr/kvm-tier');
  const jest = [join(root, 'node_modules/jest/bin/jest.js'), '--selectProjects', 'kvm', '--json'];
  // One process for all files of an emulated machine: another one would only take turns with it, after a start that takes seconds.
  const inBand = hasKvm() ? [] : ['--runInBand'];
  return await runWithKvm({
    argv: [process.execPath, ...jest, `--outputFile=${join(output, 'results.json')}`, ...inBand, ...jestArgs],
    ...{ output, result: RESULT, deadlineMs: DEADLINE_MS, note },
  });
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
