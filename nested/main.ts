import { mkdirSync, readFileSync, rmSync } from 'node:fs';
import { constants } from 'node:os';
import { join } from 'node:path';

import { isHarnessError } from '../src/errors';
import { deviceState, virtualisationFlag } from '../src/host/doctor/kvm';
import { packageRoot } from '../src/package-root';
import { outerKernel } from './outer-kernel';
import { runInOuterMachine, type OuterEnd, type OuterResult } from './outer-machine';
import { passedOn } from './passed-on';
import { runOnHost } from './run-on-host';

/** Of the whole tier. */
const DEADLINE_MS = 30 * 60_000;
/** Chosen: a host so busy that as many boots in a row lose their timer is one on which tests do not come to an end either. */
const MAX_BOOTS = 5;
const EXIT_LOST = 70;
const SIGNAL_EXIT = 128;

/** Runs the tests that need KVM: here when KVM is real here, else in an emulated machine where it is. */
async function main(jestArgs: readonly string[]): Promise<number> {
  const root = packageRoot();
  const output = join(root, '.ktstr/kvm-tier');
  rmSync(output, { recursive: true, force: true });
  mkdirSync(output, { recursive: true });
  const jest = [join(root, 'node_modules/jest/bin/jest.js'), '--selectProjects', 'kvm', '--json'];
  const argv = [process.execPath, ...jest, `--outputFile=${join(output, 'results.json')}`, ...jestArgs];
  const flag = virtualisationFlag(readFileSync('/proc/cpuinfo', 'utf8'));
  if (flag !== null && deviceState().kind === 'usable') {
    note(`KVM of this host (${flag})`);
    return runOnHost(argv, { folder: root, deadlineMs: DEADLINE_MS });
  }
  // One process for all files: another one would only take turns with it, after a start that takes seconds.
  const result = await bootAndRun([...argv, '--runInBand'], { root, output });
  const boot = result.bootMs === null ? 'never' : `after ${(result.bootMs / 1000).toFixed(1)} s`;
  note(
    `Jest started ${boot}, peak memory ${Math.round(result.peakMemoryKib / 1024)} MiB; console and results in ${output}`,
  );
  return exitCode(result.end);
}

async function bootAndRun(argv: readonly string[], places: { root: string; output: string }): Promise<OuterResult> {
  const kernel = await outerKernel(({ doing, fraction }) => {
    if (fraction === undefined || fraction === 0) note(doing);
  });
  const program = {
    argv,
    env: passedOn(process.env, process.stdout.isTTY),
    folder: places.root,
    sharedFolder: places.output,
  };
  note('no KVM for Linux guests here; booting an emulated machine that has it');
  const boot = (): Promise<OuterResult> =>
    runInOuterMachine({
      ...{ kernel, program, deadlineMs: DEADLINE_MS, consoleLog: join(places.output, 'console.log') },
      ...{ out: process.stdout, err: process.stderr },
    });
  let result = await boot();
  for (let boots = 1; result.end.kind === 'timer-lost' && boots < MAX_BOOTS; boots++) {
    note(`booting again: ${result.end.line}`);
    result = await boot();
  }
  return result;
}

function exitCode(end: OuterEnd): number {
  switch (end.kind) {
    case 'exit':
      return end.code;
    case 'signal':
      note(`Jest was ended by signal ${end.number}`);
      return SIGNAL_EXIT + end.number;
    case 'lost':
      note(`the emulated machine was lost: ${end.reason}`);
      return EXIT_LOST;
    case 'timer-lost':
      note(`the emulated machine did not boot in ${MAX_BOOTS} attempts: ${end.line}`);
      return EXIT_LOST;
  }
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
