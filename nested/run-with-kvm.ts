import { mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Writable } from 'node:stream';

import { deviceState, virtualisationFlag } from '../src/host/doctor/kvm';
import { packageRoot } from '../src/package-root';
import { outerKernel } from './outer-kernel';
import { runInOuterMachine, type OuterEnd, type OuterResult } from './outer-machine';
import { passedOn } from './passed-on';
import { runOnHost } from './run-on-host';

/** Chosen: more boots in a row that are lost have a cause that stays. */
const MAX_BOOTS = 3;
const SIGNAL_EXIT = 128;
export const EXIT_LOST = 70;

export interface KvmProgram {
  /** A whole path comes first. */
  argv: readonly string[];
  /** On top of what is passed on of this process's environment. */
  env?: Readonly<Record<string, string>>;
  /** Where the files that the program leaves come back to, and the console of the emulated machine. Empty at the start of each attempt. */
  output: string;
  /** Of what the program prints, what tells of a result that must not get lost with its machine. */
  result: RegExp;
  /** For the program. */
  deadlineMs: number;
  /** Takes what the program writes to its standard output; by default this process's own. */
  out?: Writable;
  note(text: string): void;
}

/** KVM runs Linux on this host. */
export function hasKvm(): boolean {
  return virtualisationFlag(readFileSync('/proc/cpuinfo', 'utf8')) !== null && deviceState().kind === 'usable';
}

/**
 * Runs a program of the project where KVM is real: on this host, else in an emulated machine. Gives back the program's exit code, as a shell
 * would, or EXIT_LOST when there is none.
 */
export async function runWithKvm(program: KvmProgram): Promise<number> {
  const folder = packageRoot();
  if (hasKvm()) {
    program.note('on the KVM of this host');
    renew(program.output);
    return runOnHost(program.argv, { folder, env: { ...process.env, ...program.env }, deadlineMs: program.deadlineMs });
  }
  const result = await bootAndRun(program, folder);
  const boot = result.bootMs === null ? 'never' : `after ${(result.bootMs / 1000).toFixed(1)} s`;
  const peak = Math.round(result.peakMemoryKib / 1024);
  program.note(
    `the program started ${boot}, peak memory ${peak} MiB; console and what it left are in ${program.output}`,
  );
  return exitCode(result.end, program);
}

async function bootAndRun(program: KvmProgram, folder: string): Promise<OuterResult> {
  const kernel = await outerKernel(({ doing, fraction }) => {
    if (fraction === undefined || fraction === 0) program.note(doing);
  });
  const { argv, output, deadlineMs, note } = program;
  const env = { ...passedOn(process.env, process.stdout.isTTY), ...program.env };
  note('no KVM for Linux guests here; booting an emulated machine that has it');
  return bootAgain(() => {
    renew(output);
    return runInOuterMachine({
      ...{ kernel, program: { argv, env, folder, sharedFolder: output } },
      ...{ out: program.out ?? process.stdout, err: process.stderr, result: program.result },
      ...{ deadlineMs, consoleLog: join(output, 'console.log') },
    });
  }, note);
}

/** Boots until a machine is not lost before it has told of a result; the last attempt counts in any case. */
export async function bootAgain(boot: () => Promise<OuterResult>, note: (text: string) => void): Promise<OuterResult> {
  for (let boots = 1; ; boots++) {
    const result = await boot();
    if (result.end.kind !== 'lost' || result.hasReported || boots === MAX_BOOTS) return result;
    note(`the emulated machine was lost (boot ${boots} of at most ${MAX_BOOTS}): ${result.end.reason}`);
  }
}

/** Nothing of a lost machine may pass for what the next one leaves. */
function renew(output: string): void {
  rmSync(output, { recursive: true, force: true });
  mkdirSync(output, { recursive: true });
}

function exitCode(end: OuterEnd, { note }: KvmProgram): number {
  switch (end.kind) {
    case 'exit':
      return end.code;
    case 'signal':
      note(`the program was ended by signal ${end.number}`);
      return SIGNAL_EXIT + end.number;
    case 'lost':
      note(`the emulated machine was lost: ${end.reason}`);
      return EXIT_LOST;
    case 'failed':
      note(`the program could not be run to its end: ${end.reason}`);
      return EXIT_LOST;
  }
}
