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
  /** For the program. */
  deadlineMs: number;
  /** Seconds of the host in a second of an emulated machine; 1 when it is not given. */
  timeDilation?: number;
  /** Takes what the program writes to its standard output; by default this process's own. */
  out?: Writable;
  note(text: string): void;
}

export type KvmEnd =
  /** The program's exit code as a shell would give it, or EXIT_LOST when it could not be run to its end. */
  | { kind: 'exit'; code: number }
  /** The emulated machine went away; another one may do better. */
  | { kind: 'lost'; reason: string; lastSeen: string };

/** KVM runs Linux on this host. */
export function hasKvm(): boolean {
  return virtualisationFlag(readFileSync('/proc/cpuinfo', 'utf8')) !== null && deviceState().kind === 'usable';
}

/** Runs a program of the project where KVM is real: on this host, else in an emulated machine. */
export async function tryWithKvm(program: KvmProgram): Promise<KvmEnd> {
  const folder = packageRoot();
  renew(program.output);
  if (hasKvm()) {
    program.note('on the KVM of this host');
    const env = { ...process.env, ...program.env };
    return { kind: 'exit', code: await runOnHost(program.argv, { folder, env, deadlineMs: program.deadlineMs }) };
  }
  const { end, bootMs, peakMemoryKib } = await bootAndRun(program, folder);
  const boot = bootMs === null ? 'never' : `after ${(bootMs / 1000).toFixed(1)} s`;
  const peak = peakMemoryKib === 0 ? '' : `, peak memory ${Math.round(peakMemoryKib / 1024)} MiB`;
  program.note(`the program started ${boot}${peak}; console and what it left are in ${program.output}`);
  return end.kind === 'lost' ? end : { kind: 'exit', code: exitCode(end, program) };
}

/** The same, again from its start in another machine when one was lost. Gives back the exit code. */
export async function runWithKvm(program: KvmProgram): Promise<number> {
  const end = await tryAgain(() => tryWithKvm(program), program.note);
  if (end.kind === 'exit') return end.code;
  program.note(`the emulated machine was lost: ${end.reason}\n${end.lastSeen}`);
  return EXIT_LOST;
}

/** Boots until a machine is not lost; the last attempt counts in any case. */
export async function tryAgain(attempt: () => Promise<KvmEnd>, note: (text: string) => void): Promise<KvmEnd> {
  for (let boots = 1; ; boots++) {
    const end = await attempt();
    if (end.kind !== 'lost' || boots === MAX_BOOTS) return end;
    note(`the emulated machine was lost (boot ${boots} of at most ${MAX_BOOTS}): ${end.reason}\n${end.lastSeen}`);
  }
}

async function bootAndRun(program: KvmProgram, folder: string): Promise<OuterResult> {
  const kernel = await outerKernel(({ doing, fraction }) => {
    if (fraction === undefined || fraction === 0) program.note(doing);
  });
  const { argv, output, deadlineMs, note, timeDilation = 1 } = program;
  const env = { ...passedOn(process.env, process.stdout.isTTY), ...program.env };
  note('no KVM for Linux guests here; booting an emulated machine that has it');
  return runInOuterMachine({
    ...{ kernel, program: { argv, env, folder, sharedFolder: output } },
    ...{ out: program.out ?? process.stdout, err: process.stderr },
    ...{ deadlineMs, timeDilation, consoleLog: join(output, 'console.log') },
  });
}

/** Nothing of a lost machine may pass for what the next one leaves. */
function renew(output: string): void {
  rmSync(output, { recursive: true, force: true });
  mkdirSync(output, { recursive: true });
}

function exitCode(end: Exclude<OuterEnd, { kind: 'lost' }>, { note }: KvmProgram): number {
  switch (end.kind) {
    case 'exit':
      return end.code;
    case 'signal':
      note(`the program was ended by signal ${end.number}`);
      return SIGNAL_EXIT + end.number;
    case 'failed':
      note(`the program could not be run to its end: ${end.reason}\n${end.lastSeen}`);
      return EXIT_LOST;
  }
}
