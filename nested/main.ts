import { execFileSync } from 'node:child_process';
import { readdirSync, rmSync, writeFileSync } from 'node:fs';
import { availableParallelism, constants } from 'node:os';
import { join } from 'node:path';

import { isHarnessError } from '../src/errors';
import { packageRoot } from '../src/package-root';
import { TIME_SCALE, timeScale } from '../src/spec/time-scale';
import { readJournal } from './journal';
import { TIME_DILATION } from './outer-args';
import { EXIT_LOST, hasKvm, tryWithKvm } from './run-with-kvm';
import { runThroughLosses, type Attempt, type TierResult } from './run-through-losses';

/** Of the whole tier. */
const DEADLINE_MS = 45 * 60_000;
const SIGNAL_EXIT = 128;
/** How many times as long things may take in an emulated machine, besides its dilated time; a host with five jobs per core is as slow. */
const SLOWNESS = 3;
/** Emulated machines that share the files; each of them has one CPU. */
const MACHINES = 2;
const TESTS = '__tests__/kvm';
const OUTPUT = '.ktstr/kvm-tier';

const root = packageRoot();
const endsAt = performance.now() + DEADLINE_MS;

/** A machine's share of the tests. */
interface Share {
  machine: number;
  /** Test files that are another machine's. */
  others: readonly string[];
  note(text: string): void;
}

/**
 * Runs the tests that need KVM: here when KVM is real here, else in emulated machines where it is. Ends with one plain line of counts, or
 * leaves them in the file that PLAIN_LINE_FILE names.
 */
async function main(jestArgs: readonly string[]): Promise<number> {
  rmSync(join(root, OUTPUT), { recursive: true, force: true });
  const hasPattern = jestArgs.some((arg) => !arg.startsWith('-'));
  buildForTests();
  const machines = hasKvm() || hasPattern ? 1 : Math.min(MACHINES, availableParallelism());
  const ended = await Promise.all(shares(machines).map((share) => runShare(share, jestArgs)));
  const sum = (kind: keyof TierResult['counts']): number =>
    ended.reduce((total, { counts }) => total + counts[kind], 0);
  const total = { passed: sum('passed'), failed: sum('failed'), skipped: sum('skipped') };
  const file = process.env['PLAIN_LINE_FILE'];
  if (file) writeFileSync(file, JSON.stringify(total));
  else console.log(`${total.passed} passed, ${total.failed} failed, ${total.skipped} skipped`);
  return ended.find(({ code }) => code !== 0)?.code ?? 0;
}

/** A compiler takes minutes in an emulated machine for what tests build when it is not there. */
function buildForTests(): void {
  execFileSync('make', ['-C', join(root, 'native'), '-s', 'all', 'sanitize'], {
    stdio: ['ignore', 'ignore', 'inherit'],
  });
}

function shares(machines: number): Share[] {
  const files = readdirSync(join(root, TESTS)).filter((name) => name.endsWith('.test.ts'));
  const paths = files.sort().map((name) => `${TESTS}/${name}`);
  const each = Math.ceil(paths.length / machines);
  return Array.from({ length: machines }, (_, index) => ({
    machine: index + 1,
    others: machines === 1 ? [] : [...paths.slice(0, index * each), ...paths.slice((index + 1) * each)],
    note: (text) => note(machines > 1 ? `machine ${index + 1}: ${text}` : text),
  }));
}

async function runShare(share: Share, jestArgs: readonly string[]): Promise<TierResult> {
  let boots = 0;
  return runThroughLosses((done) => runJest(share, { jestArgs, done, boot: ++boots }), share.note);
}

interface JestRun {
  jestArgs: readonly string[];
  /** Test files that are not to run again. */
  done: readonly string[];
  boot: number;
}

async function runJest({ machine, others, note }: Share, { jestArgs, done, boot }: JestRun): Promise<Attempt> {
  const output = join(root, OUTPUT, boot === 1 ? String(machine) : `${machine}-${boot}`);
  const jest = [join(root, 'node_modules/jest/bin/jest.js'), '--selectProjects', 'kvm', '--json'];
  const results = `--outputFile=${join(output, 'results.json')}`;
  // One process for all files of an emulated machine: another one would only take turns with it, after a start that takes seconds.
  const inBand = hasKvm() ? [] : ['--runInBand'];
  const ignored = [...others, ...done].map((path) => `--testPathIgnorePatterns=/${path.replaceAll('.', '\\.')}$`);
  const whatIsLeft = done.length === 0 ? ignored : ['--passWithNoTests', ...ignored];
  const journal = join(output, 'journal.jsonl');
  const end = await tryWithKvm({
    // What is left comes last: Jest takes all that follows for one of its patterns.
    argv: [process.execPath, ...jest, results, ...inBand, ...jestArgs, ...whatIsLeft],
    env: {
      JOURNAL_FILE: journal,
      PLAIN_LINE_FILE: '',
      [TIME_SCALE]: String(hasKvm() ? timeScale() : timeScale() * SLOWNESS),
    },
    ...{ output, deadlineMs: Math.max(endsAt - performance.now(), 1), note },
    timeDilation: TIME_DILATION,
  });
  return { end, files: readJournal(journal) };
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
